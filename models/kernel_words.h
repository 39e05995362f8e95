/* Sums over words: where segments start, what text models make of them, and what they make of words never met. */

#include <stdint.h>
#include <string.h>

#define END 0
/* Bytes of a marked word at most. */
#define LONGEST 82

static float pairwise(const float *a, int64_t n, int64_t stride) {
    if (n < 8) {
        float sum = -0.0f;
        for (int64_t i = 0; i < n; i++) sum += a[i * stride];
        return sum;
    }
    if (n <= 128) {
        float r[8];
        int64_t i;
        for (int k = 0; k < 8; k++) r[k] = a[k * stride];
        for (i = 8; i < n - (n % 8); i += 8)
            for (int k = 0; k < 8; k++) r[k] += a[(i + k) * stride];
        float sum = ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]));
        for (; i < n; i++) sum += a[i * stride];
        return sum;
    }
    int64_t half = n / 2;
    half -= half % 8;
    return pairwise(a, half, stride) + pairwise(a + half * stride, n - half, stride);
}

/* One segment of np.add.reduceat: the first number, then the rest as NumPy sums it. */
static float summed(const float *a, int64_t n, int64_t stride) {
    return n == 1 ? a[0] : a[0] + pairwise(a + stride, n - 1, stride);
}

static float strongest(const float *a, int64_t n) {
    float most = a[0];
    for (int64_t i = 1; i < n; i++) most = a[i] > most ? a[i] : most;
    return most;
}

/* Where windows and sentences of each text start, and which of them is each text's first; found[] is how many. */
static void cut(const int32_t *ids, const int64_t *starts, int64_t texts, int64_t window, int64_t *windows,
                int64_t *first_windows, int64_t *sentences, int64_t *first_sentences, int64_t *found) {
    int64_t w = 0, s = 0;
    for (int64_t t = 0; t < texts; t++) {
        int64_t begin = starts[t], length = starts[t + 1] - begin, count = (length + window - 1) / window;
        first_windows[t] = w;
        for (int64_t k = 0; k < count; k++) windows[w++] = begin + k * length / count;
        first_sentences[t] = s;
        sentences[s++] = begin;
        for (int64_t i = begin + 1; i < begin + length; i++)
            if (ids[i - 1] == END && ids[i] != END) sentences[s++] = i;
    }
    found[0] = w;
    found[1] = s;
}

/* How many of each text's words have each flag. */
static void count(const int32_t *ids, const int64_t *starts, int64_t texts, const uint8_t *flags, int64_t width,
                  int64_t *counts) {
    memset(counts, 0, sizeof(int64_t) * texts * width);
    for (int64_t t = 0; t < texts; t++)
        for (int64_t i = starts[t]; i < starts[t + 1]; i++)
            for (int64_t k = 0; k < width; k++) counts[t * width + k] += flags[(int64_t)ids[i] * width + k];
}

/* The table index of every word's pair with the next. */
static void paired(const int32_t *ids, int64_t words, const uint32_t *hashes, int64_t bits, uint32_t *slots) {
    for (int64_t i = 0; i + 1 < words; i++) {
        uint32_t left = hashes[ids[i]], right = hashes[ids[i + 1]];
        uint32_t mixed = left * 0x85EBCA6Bu + (right ^ (right >> 15)) * 0xC2B2AE35u;
        slots[i] = ((mixed ^ (mixed >> 16)) * 0x9E3779B1u) >> (32 - bits);
    }
}

/* Each text model's margins, strongest words, leaning words and lengths. The segments of model m are those from
   ends[m] to ends[m + 1], their starts counted from m times the words; roots and logs are tables by length. */
static void sums(const int32_t *ids, int64_t words, const int64_t *starts, const int64_t *ends, int64_t models,
                 const uint32_t *hashes, const float *weights, int64_t rows, const float *pairs, int64_t bits,
                 const double *intercepts, const float *roots, const double *logs, int64_t longest, float *scratch,
                 double *columns) {
    float *both = scratch, *own = both + words, *leaning = own + words;
    uint32_t *slots = (uint32_t *)(leaning + words);
    int64_t width = ends[models];
    paired(ids, words, hashes, bits, slots);
    for (int64_t m = 0; m < models; m++, weights += rows, pairs += (int64_t)1 << bits)
        for (int64_t s = ends[m]; s < ends[m + 1]; s++) {
            int64_t begin = starts[s] - m * words, end = s + 1 < ends[m + 1] ? starts[s + 1] - m * words : words;
            int64_t length = end - begin, at = length < longest ? length : longest;
            for (int64_t i = begin; i < end; i++) {
                own[i] = weights[ids[i]];
                leaning[i] = own[i] > 0 ? own[i] : 0;
                both[i] = (i + 1 < end ? pairs[slots[i]] : 0) + own[i];
            }
            columns[s] = (double)(summed(both + begin, length, 1) / roots[at]) + intercepts[m];
            columns[width + s] = strongest(own + begin, length);
            columns[2 * width + s] = summed(leaning + begin, length, 1) / roots[at];
            columns[3 * width + s] = logs[at];
        }
}

/* What a text model makes of the characters of words: the weights of their n-grams, orders 2 to 5, one order after the
   other. Words are bytes with their boundaries marked, one after another. */
static void spelt(const uint8_t *bytes, const int64_t *starts, int64_t words, const float *table, int64_t bits,
                  float *out) {
    uint32_t hashed[LONGEST];
    for (int64_t w = 0; w < words; w++) {
        const uint8_t *word = bytes + starts[w];
        int64_t length = starts[w + 1] - starts[w] < LONGEST ? starts[w + 1] - starts[w] : LONGEST;
        double sum = 0;
        memset(hashed, 0, sizeof hashed);
        for (int64_t order = 1; order <= 5; order++)
            for (int64_t i = 0; i + order <= length; i++) {
                hashed[i] = hashed[i] * 0x01000193u + word[i + order - 1] + 1u;
                uint32_t mixed = hashed[i] + (uint32_t)order;
                if (order > 1) sum += table[((mixed ^ (mixed >> 16)) * 0x9E3779B1u) >> (32 - bits)];
            }
        out[w] = (float)sum;
    }
}

/* FNV-1a of words. */
static void hash(const uint8_t *bytes, const int64_t *starts, int64_t words, uint32_t *out) {
    for (int64_t w = 0; w < words; w++) {
        out[w] = 0x811C9DC5u;
        for (int64_t i = starts[w]; i < starts[w + 1]; i++) out[w] = (out[w] ^ bytes[i]) * 0x01000193u;
    }
}
