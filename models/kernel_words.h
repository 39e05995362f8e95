/* Sums over words: where segments start, what text models make of them, and what they make of words never met. */

#include <math.h>
#include <stdint.h>
#include <string.h>

#define END 0
/* Bytes of a word at most, and what marks its boundaries. */
#define LONGEST 80
#define STARTS 2
#define STOPS 3
/* Arguments of a function at most, and so text models. */
#define MOST 32
/* How many words ahead a row is asked for that lies far away. */
#define AHEAD 8

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

/* Where windows and sentences of each text start, and which of them is each text's first. One behind the other: how
   many windows and sentences there are, room for the most windows, each text's first, room for the most sentences, each
   text's first. */
static void cut(const int32_t *ids, const int64_t *starts, int64_t texts, int64_t window, int64_t *found,
                int64_t most_windows, int64_t most_sentences) {
    int64_t *windows = found + 2, *first_windows = windows + most_windows, *sentences = first_windows + texts;
    int64_t *first_sentences = sentences + most_sentences, w = 0, s = 0;
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

/* Flags of a word at most, and how many are taken at a time. */
#define MOST_FLAGS 64
#define EIGHT 8

/* How many of each text's words have each flag, which is 0 or 1; eight flags at least. The last eight may overlap those
   before them. */
static void count(const int32_t *ids, const int64_t *starts, int64_t texts, const uint8_t *flags, int64_t width,
                  int64_t *counts) {
    int64_t groups = (width + EIGHT - 1) / EIGHT;
    if (width < EIGHT || width > MOST_FLAGS) return;
    memset(counts, 0, sizeof(int64_t) * texts * width);
    for (int64_t t = 0; t < texts; t++, counts += width)
        for (int64_t i = starts[t], stop; i < starts[t + 1]; i = stop) {
            stop = starts[t + 1] - i > 255 ? i + 255 : starts[t + 1]; /* as many as a byte can count */
            uint8_t found[MOST_FLAGS];
            for (int64_t g = 0; g < groups; g++) {
                int64_t at = g + 1 < groups ? g * EIGHT : width - EIGHT;
                uint64_t own, sum = 0;
                for (int64_t k = i; k < stop; k++) {
                    memcpy(&own, flags + (int64_t)ids[k] * width + at, EIGHT);
                    sum += own;
                }
                memcpy(found + at, &sum, EIGHT);
            }
            for (int64_t k = 0; k < width; k++) counts[k] += found[k];
        }
}

/* Each text's likeliest language by its small words, whose counts are the first columns, and how sure; behind the last
   one, and not sure at all, where no language is ahead. */
static void likeliest(const int64_t *counts, int64_t texts, int64_t width, int64_t languages, int64_t *place,
                      double *sure) {
    for (int64_t t = 0; t < texts; t++, counts += width) {
        int64_t most = counts[0], second = -1, at = 0;
        for (int64_t k = 1; k < languages; k++) {
            if (counts[k] > most) second = most, most = counts[k], at = k;
            else if (counts[k] > second) second = counts[k];
        }
        place[t] = most == second ? languages : at;
        sure[t] = most == second ? 0 : ((double)(most - second) + 0.5) / ((double)most + 0.5);
    }
}

/* The table index of every word's pair with the next. */
static void paired(const int32_t *ids, int64_t words, const uint32_t *hashes, int64_t bits, uint32_t *slots) {
    for (int64_t i = 0; i + 1 < words; i++) {
        uint32_t left = hashes[ids[i]], right = hashes[ids[i + 1]];
        uint32_t mixed = left * 0x85EBCA6Bu + (right ^ (right >> 15)) * 0xC2B2AE35u;
        slots[i] = ((mixed ^ (mixed >> 16)) * 0x9E3779B1u) >> (32 - bits);
    }
    if (words) slots[words - 1] = 0; /* which means nothing */
}

/* The logarithm of a margin's probability, as np.logaddexp has it. */
static double log_probability(double margin) {
    if (margin == 0) return -0.693147180559945309417232121458176568;
    return margin > 0 ? -log1p(exp(-margin)) : -(-margin + log1p(exp(margin)));
}

/* Each text model's margins, strongest words, leaning words, lengths, and logarithms of probabilities: a row each of
   columns, the segments of one model behind those of the one before. Of each model cuts[] has where its segments start
   and how many there are. Weights and pairs hold a word's, and a pair's, for all models side by side; roots and logs
   are tables by length. */
static void sums(const int32_t *ids, int64_t words, const uint32_t *hashes, const float *weights, const float *pairs,
                 int64_t bits, const double *intercepts, const float *roots, const double *logs, int64_t longest,
                 float *scratch, double *columns, int64_t width, const int64_t *cuts, int64_t models) {
    float *own = scratch, *both = own + models * words, *leaning = both + models * words;
    uint32_t *slots = (uint32_t *)(leaning + words);
    paired(ids, words, hashes, bits, slots);
    /* A word's row, and a pair's, is visited once: each lies somewhere else, so it is asked for ahead. */
    for (int64_t i = 0; i < words; i++) {
        const float *word = weights + (int64_t)ids[i] * models, *pair = pairs + (int64_t)slots[i] * models;
        if (i + AHEAD < words) {
            __builtin_prefetch(weights + (int64_t)ids[i + AHEAD] * models);
            __builtin_prefetch(pairs + (int64_t)slots[i + AHEAD] * models);
        }
        for (int64_t m = 0; m < models; m++) {
            own[m * words + i] = word[m];
            both[m * words + i] = pair[m] + word[m];
        }
    }
    for (int64_t m = 0; m < models; m++, own += words, both += words, columns += cuts[1], cuts += 2) {
        const int64_t *starts = (const int64_t *)(intptr_t)cuts[0];
        for (int64_t i = 0; i < words; i++) leaning[i] = own[i] > 0 ? own[i] : 0;
        for (int64_t s = 0; s < cuts[1]; s++) {
            int64_t begin = starts[s], end = s + 1 < cuts[1] ? starts[s + 1] : words;
            int64_t length = end - begin, at = length < longest ? length : longest;
            both[end - 1] = 0 + own[end - 1]; /* it has no right neighbour in its segment */
            columns[s] = (double)(summed(both + begin, length, 1) / roots[at]) + intercepts[m];
            columns[width + s] = strongest(own + begin, length);
            columns[2 * width + s] = summed(leaning + begin, length, 1) / roots[at];
            columns[3 * width + s] = logs[at];
            columns[4 * width + s] = log_probability(columns[s]);
        }
    }
}

/* What a text's article and its leaning to works add to each of its segments' rows, from the fifth column from the end. */
static void work(const double *margins, const double *logs, int64_t segments, const int64_t *first, int64_t texts,
                 const double *on_work, const double *article_work, const double *has_article, double *matrix,
                 int64_t width) {
    for (int64_t t = 0; t < texts; t++) {
        double article = article_work[t], of_article = log_probability(article);
        for (int64_t s = first[t]; s < (t + 1 < texts ? first[t + 1] : segments); s++) {
            double *out = matrix + (s + 1) * width - 5;
            out[0] = on_work[t] + logs[s];
            out[1] = on_work[t];
            out[2] = of_article;
            out[3] = has_article[t];
            out[4] = margins[s] * (article > 2 ? 2 : article > 0 ? article : 0);
        }
    }
}

/* FNV-1a. */
static uint32_t hashed(const uint8_t *bytes, const uint8_t *behind) {
    uint32_t hash = 0x811C9DC5u;
    for (; bytes < behind; bytes++) hash = (hash ^ *bytes) * 0x01000193u;
    return hash;
}

/* What each text model makes of a word's characters: the weights of its n-grams, orders 2 to 5, one order after the
   other, boundaries and all. tables[] has each model's weights. */
static void spelt(const uint8_t *bytes, int64_t length, int64_t bits, float *out, const int64_t *tables, int64_t models) {
    uint32_t grams[LONGEST + 2] = {0};
    uint8_t word[LONGEST + 2] = {STARTS};
    double sums[MOST] = {0};
    if (length > LONGEST) length = LONGEST;
    memcpy(word + 1, bytes, length);
    word[length + 1] = STOPS;
    for (int64_t order = 1; order <= 5; order++)
        for (int64_t i = 0; i + order <= length + 2; i++) {
            grams[i] = grams[i] * 0x01000193u + word[i + order - 1] + 1u;
            uint32_t mixed = grams[i] + (uint32_t)order;
            uint32_t slot = ((mixed ^ (mixed >> 16)) * 0x9E3779B1u) >> (32 - bits);
            for (int64_t m = 0; order > 1 && m < models; m++) sums[m] += ((const float *)(intptr_t)tables[m])[slot];
        }
    for (int64_t m = 0; m < models; m++) out[m] = (float)sums[m];
}

/* Unknown words' rows: what text models make of their characters, their hashes, and those of their stems. The bytes of
   the words and then of their stems stand one after another. */
static void learn(const uint8_t *bytes, const int64_t *starts, int64_t words, int64_t bits, float *weights,
                  uint32_t *hashes, uint32_t *stems, const int64_t *tables, int64_t models) {
    for (int64_t w = 0; w < words; w++) {
        const int64_t *stem = starts + words + w;
        spelt(bytes + starts[w], starts[w + 1] - starts[w], bits, weights + w * models, tables, models);
        hashes[w] = hashed(bytes + starts[w], bytes + starts[w + 1]);
        stems[w] = hashed(bytes + stem[0], bytes + stem[1]);
    }
}

/* What the lexicon says of a word, as EVIDENCE of models/words.py has it, and what of that is severe. */
enum { SEVERE = 2, SEVERITIES = 6, HIDDEN = 6, EVIDENCE = 7, HIDDEN_SEVERE = 7, FOUND };

/* The lexicon's columns of each segment, from a column on: which evidence there is, how much of each severity, whether
   a severe word was hidden. listed[] is where words stand that the lexicon lists. */
static void evidence(const int32_t *ids, const int64_t *listed, int64_t count, const int64_t *starts, int64_t segments,
                     const int8_t *said, const double *logs, int64_t longest, double *matrix, int64_t width,
                     int64_t column) {
    for (int64_t s = 0, k = 0; k < count;) {
        while (s + 1 < segments && starts[s + 1] <= listed[k]) s++;
        int64_t found[FOUND] = {0};
        for (; k < count && (s + 1 == segments || listed[k] < starts[s + 1]); k++) {
            const int8_t *own = said + (int64_t)ids[listed[k]] * EVIDENCE;
            int severe = 0;
            for (int e = SEVERE; e < SEVERITIES; e++) severe |= own[e];
            for (int e = 0; e < EVIDENCE; e++) found[e] += own[e];
            found[HIDDEN_SEVERE] += own[HIDDEN] && severe;
        }
        double *out = matrix + s * width + column;
        for (int e = 0; e < EVIDENCE; e++) out[e] = found[e] > 0;
        for (int e = 0; e < SEVERITIES; e++) out[EVIDENCE + e] = logs[found[e] < longest ? found[e] : longest];
        out[EVIDENCE + SEVERITIES] = found[HIDDEN_SEVERE] > 0;
    }
}
