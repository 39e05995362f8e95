/* The pair head's vectors, cosines and columns, and every head's last layer. */

typedef float lanes __attribute__((vector_size(16), aligned(4)));

/* The dot products of one row with four others, each in einsum's order. */
static void dots(const float *a, const float *b, int64_t count, int64_t size, float *out) {
    for (int64_t j = 0; j < count; j += 4) {
        int64_t wide = count - j < 4 ? count - j : 4;
        const float *rows[4];
        for (int64_t k = 0; k < 4; k++) rows[k] = b + (j + (k < wide ? k : 0)) * size;
        lanes sums[4] = {{0}, {0}, {0}, {0}};
        for (int64_t i = 0; i < size; i += 16)
            for (int64_t v = 12; v >= 0; v -= 4) {
                lanes x = *(const lanes *)(a + i + v);
                for (int k = 0; k < 4; k++) sums[k] += x * *(const lanes *)(rows[k] + i + v);
            }
        for (int64_t k = 0; k < wide; k++) out[j + k] = (sums[k][0] + sums[k][1]) + (sums[k][2] + sums[k][3]);
    }
}

static void shorten(float *row, int64_t size) {
    float square;
    dots(row, row, 1, size, &square);
    float length = sqrtf(square);
    for (int64_t k = 0; k < size; k++) row[k] /= length > 0 ? length : 1;
}

#if defined(__x86_64__) && defined(__GLIBC__) && defined(__has_attribute)
#if __has_attribute(target_clones)
__attribute__((target_clones("avx2", "default")))
#endif
#endif
static void add_word(float *restrict row, const int8_t *restrict word, float scale, int64_t size) {
    for (int64_t k = 0; k < size; k++) row[k] += word[k] * scale;
}

/* The sum of some rows, each column as np.add.reduceat has it. */
static void whole_of(const float *rows, int64_t count, int64_t size, float *restrict whole) {
    if (count > 8) {
        for (int64_t k = 0; k < size; k++) whole[k] = summed(rows + k, count, size);
        return;
    }
    for (int64_t k = 0; k < size; k++) whole[k] = -0.0f;
    for (int64_t r = 1; r < count; r++)
        for (int64_t k = 0; k < size; k++) whole[k] += rows[r * size + k];
    for (int64_t k = 0; k < size; k++) whole[k] += rows[k];
}

/* Each text's rows: its sentences' summed vectors, then its own, all of length one. Returns where whole texts are. */
static void vectors(const int32_t *ids, int64_t words, const int64_t *starts, int64_t sentences, const int64_t *first,
                    int64_t texts, const int8_t *table, const float *scales, int64_t known, int64_t size, float *rows,
                    int64_t *wholes) {
    for (int64_t t = 0; t < texts; t++) {
        int64_t stop = t + 1 < texts ? first[t + 1] : sentences;
        float *own = rows + (first[t] + t) * size, *whole = rows + (stop + t) * size;
        for (int64_t s = first[t]; s < stop; s++) {
            float *row = rows + (s + t) * size;
            memset(row, 0, sizeof(float) * size);
            for (int64_t i = starts[s]; i < (s + 1 < sentences ? starts[s + 1] : words); i++) {
                /* A rare word's row is far away: it is asked for while those before it are added. */
                if (i + AHEAD < words && ids[i + AHEAD] < known)
                    for (int64_t k = 0; k < size; k += 64) __builtin_prefetch(table + (int64_t)ids[i + AHEAD] * size + k);
                if (ids[i] >= known) continue;
                const int8_t *word = table + (int64_t)ids[i] * size;
                add_word(row, word, scales[ids[i]], size);
            }
        }
        whole_of(own, stop - first[t], size, whole);
        for (float *row = own; row <= whole; row += size) shorten(row, size);
        wholes[t] = stop + t;
    }
}

/* The columns of the pair head, as PAIR_COLUMNS of models/pairs.py has them. */
enum {
    WITH_TITLE, WITH_WHOLE, CLOSEST, THREE_CLOSEST, SENTENCE_CLOSEST, SENTENCES_MEAN, WITH_PARENT,
    SHARED, SHARED_TITLE, RAREST_SHARED, SHARED_PARENT, RAREST_SHARED_PARENT, WORDS, RARE_WORDS,
    PROMOTION, HAS_ADDRESS, NO_TITLE, NO_BODY, HAS_PARENT, BEST_COSINE, BEST_SHARED,
    LEANING_PROMOTION, PROMOTION_WITHOUT_BODY, TITLE_IN_THREAD, BEST_IN_THREAD, WORDS_IN_THREAD, NEAR_WORDS,
    NEAR_WHOLE, COLUMNS
};

/* A run of comments under one article: its cosines with their sentences and wholes. */
static void cosines(const float *rows, int64_t size, const int64_t *first, const int64_t *wholes, int64_t start,
                    int64_t stop, const float *article, int64_t vectors, float *scratch, double *matrix) {
    int64_t tops = vectors - 2 < 3 ? vectors - 2 : 3;
    float *near = scratch, *closest = scratch + vectors;
    for (int64_t t = start; t < stop; t++) {
        double *out = matrix + t * COLUMNS;
        int64_t begin = first[t] + t, count = wholes[t] - begin;
        for (int64_t r = 0; r <= count; r++) {
            dots(rows + (begin + r) * size, article, vectors, size, near);
            closest[r] = strongest(near + 2, vectors - 2);
        }
        float top[3] = {-INFINITY, -INFINITY, -INFINITY};
        for (int64_t j = 2; j < vectors; j++) {
            float value = near[j];
            for (int k = 0; k < 3; k++)
                if (value > top[k]) {
                    float less = top[k];
                    top[k] = value;
                    value = less;
                }
        }
        float sum = top[0];
        for (int64_t k = 1; k < tops; k++) sum += top[k];
        out[WITH_TITLE] = near[0];
        out[WITH_WHOLE] = near[1];
        out[CLOSEST] = closest[count];
        out[THREE_CLOSEST] = sum / (float)tops;
        out[SENTENCE_CLOSEST] = strongest(closest, count);
        out[SENTENCES_MEAN] = (double)summed(closest, count, 1) / (double)count;
    }
}

/* Each word's stem, and in the first row of shared its rarity; zeros in the three rows below. */
static void rarity(const int32_t *ids, int64_t words, const uint32_t *stems, const float *idf, uint32_t *own,
                   float *shared) {
    for (int64_t i = 0; i < words; i++) {
        own[i] = stems[ids[i]];
        shared[i] = ids[i] > END ? idf[ids[i]] : 0;
    }
    memset(shared + words, 0, sizeof(float) * 3 * words);
}

/* A run of comments under one article, and what ReadArticle.places of models/articles.py says of that. */
typedef struct {
    int64_t start, stop;
    int64_t first, stems, holders, vectors; /* addresses */
    int64_t count, stretches, lacks;
} Run;

/* A run's words: their rarity again in the second and third row, where the article and its title have their stem. */
static void found(const uint32_t *stems, float *shared, int64_t words, int64_t begin, int64_t end, const Run *run) {
    const int64_t *first = (const int64_t *)(intptr_t)run->first;
    const uint32_t *listed = (const uint32_t *)(intptr_t)run->stems;
    const float *holders = (const float *)(intptr_t)run->holders;
    for (int64_t i = begin; i < end; i++) {
        int64_t low = first[stems[i] >> 24], high = first[(stems[i] >> 24) + 1], stop = high;
        while (low < high) {
            int64_t middle = (low + high) / 2;
            if (listed[middle] < stems[i]) low = middle + 1;
            else high = middle;
        }
        if (low == stop || listed[low] != stems[i]) continue;
        shared[words + i] = shared[i] * holders[low];
        shared[2 * words + i] = shared[i] * holders[run->count + low];
    }
}

/* Where articles have the words of comments under them, how near they are, and what they lack. */
static void compared(const uint32_t *stems, float *shared, int64_t words, const int64_t *starts, const float *rows,
                     int64_t size, const int64_t *first, const int64_t *wholes, const Run *runs, int64_t count,
                     float *scratch, double *matrix) {
    for (const Run *run = runs; run < runs + count; run++) {
        found(stems, shared, words, starts[run->start], starts[run->stop], run);
        cosines(rows, size, first, wholes, run->start, run->stop, (const float *)(intptr_t)run->vectors,
                run->stretches, scratch, matrix);
        for (int64_t t = run->start; t < run->stop; t++) {
            matrix[t * COLUMNS + NO_TITLE] = run->lacks & 1;
            matrix[t * COLUMNS + NO_BODY] = run->lacks >> 1;
        }
    }
}

/* The columns that are sums over words, and those made of other columns. */
static void shares(const float *shared, int64_t words, const int64_t *starts, int64_t texts, const int64_t *counts,
                   int64_t flags, const double *promotion, const double *margins, int64_t certain, const double *logs,
                   int64_t longest, double *matrix) {
    static const int64_t of_share[] = {SHARED, SHARED_TITLE, SHARED_PARENT};
    static const int64_t compared[] = {WITH_TITLE, WITH_WHOLE, CLOSEST, SENTENCE_CLOSEST, WITH_PARENT};
    for (int64_t t = 0; t < texts; t++) {
        double *out = matrix + t * COLUMNS;
        const int64_t *own = counts + (t + 1) * flags - 3;
        int64_t begin = starts[t], length = starts[t + 1] - begin;
        float total = summed(shared + begin, length, 1);
        for (int64_t k = 0; k < 3; k++)
            out[of_share[k]] = summed(shared + (k + 1) * words + begin, length, 1) / (total > 0 ? total : 1);
        out[RAREST_SHARED] = strongest(shared + words + begin, length);
        out[RAREST_SHARED_PARENT] = strongest(shared + 3 * words + begin, length);
        out[WORDS] = logs[own[0] < longest ? own[0] : longest];
        out[RARE_WORDS] = logs[own[1] < longest ? own[1] : longest];
        out[HAS_ADDRESS] = own[2] > 0;
        out[PROMOTION] = promotion[t];
        out[BEST_COSINE] = out[WITH_TITLE];
        for (int64_t k = 1; k < 5; k++)
            if (out[compared[k]] > out[BEST_COSINE]) out[BEST_COSINE] = out[compared[k]];
        out[BEST_SHARED] = out[SHARED] > out[SHARED_PARENT] ? out[SHARED] : out[SHARED_PARENT];
        out[LEANING_PROMOTION] = margins[t] > certain ? certain : margins[t] < -certain ? -certain : margins[t];
        out[PROMOTION_WITHOUT_BODY] = out[LEANING_PROMOTION] * out[NO_BODY];
        out[TITLE_IN_THREAD] = out[WITH_TITLE] * out[HAS_PARENT];
        out[BEST_IN_THREAD] = out[BEST_COSINE] * out[HAS_PARENT];
        out[WORDS_IN_THREAD] = out[WORDS] * out[HAS_PARENT];
        out[NEAR_WORDS] = out[BEST_COSINE] * out[WORDS];
        out[NEAR_WHOLE] = out[BEST_COSINE] * out[WITH_WHOLE];
    }
}

/* A head's last layer, in einsum's order; then each text's strongest row, calibrated as np.interp does. */
static void scores(const double *matrix, int64_t rows, int64_t width, const double *weights, const double *intercept,
                   const int64_t *first, int64_t texts, const double *knots, const double *chances, int64_t count,
                   double *out) {
    for (int64_t t = 0; t < texts; t++) {
        double most = -INFINITY;
        for (int64_t r = first[t]; r < (t + 1 < texts ? first[t + 1] : rows); r++) {
            const double *row = matrix + r * width;
            double sums[2] = {0, 0};
            int64_t i = 0;
            for (; i + 8 <= width; i += 8)
                for (int64_t v = 6; v >= 0; v -= 2)
                    for (int64_t k = 0; k < 2; k++) sums[k] += row[i + v + k] * weights[i + v + k];
            for (; i < width; i++) sums[i % 2] += row[i] * weights[i];
            double margin = (sums[0] + sums[1]) + *intercept;
            if (margin > most) most = margin;
        }
        int64_t at = 0;
        while (at < count && knots[at] <= most) at++;
        if (at == 0) out[t] = chances[0];
        else if (at == count || knots[at - 1] == most) out[t] = chances[at - 1];
        else
            out[t] = (chances[at] - chances[at - 1]) / (knots[at] - knots[at - 1]) * (most - knots[at - 1]) +
                     chances[at - 1];
    }
}
