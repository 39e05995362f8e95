/* Reading: folded texts → word ids. A plain word of the vocabulary is found here; what any other chunk reads as is asked
   of the caller's memory, a mapping of str to packed ids. Nothing of a text is trusted: every index is measured first. */

/* What a character of a plain chunk is, as OPENING, CLOSING and SENTENCE_ENDS of models/chunks.py have it; an ellipsis
   stands behind ASCII. */
enum { INSIDE = 1, OPENS = 2, CLOSES = 4, ENDS = 8, ELLIPSIS = 128 };
/* Characters of a chunk that may be plain. */
#define PLAIN 64

static uint8_t kinds_of[ELLIPSIS + 1];

static void learn_characters(void) {
    for (int c = 'a'; c <= 'z'; c++) kinds_of[c] = kinds_of[c - 'a' + 'A'] = INSIDE;
    kinds_of['\''] = INSIDE;
    for (const char *c = "\"'([{<_-~,.:;\x80"; *c; c++) kinds_of[(uint8_t)*c] |= OPENS;
    for (const char *c = "\"')]}>.,:;!?_-~\x80"; *c; c++) kinds_of[(uint8_t)*c] |= CLOSES;
    for (const char *c = ".!?\x80"; *c; c++) kinds_of[(uint8_t)*c] |= ENDS;
}

/* What a word may ask for, as models/glance.py has it. */
enum { ONE_LETTER = 1, NUMBER = 2, UNKNOWN = 4, ALONE = 8, TELLING = 16, BESIDE = 32 };

/* Whether two words beside each other are among the sorted pairs, each the left one's id times 2³² and the right one's. */
static int paired_with(const int64_t *pairs, int64_t count, int32_t left, int32_t right) {
    int64_t pair = ((int64_t)left << 32) + right, low = 0, high = count;
    while (low < high) {
        int64_t middle = (low + high) / 2;
        if (pairs[middle] < pair) low = middle + 1;
        else high = middle;
    }
    return low < count && pairs[low] == pair;
}

/* Positions of words that ask for a second look, and behind room for all words of those that may; found[] is how many.
   What stands behind the last of the kinds is unknown. */
static void asking(const int32_t *ids, int64_t words, const uint8_t *kinds, int64_t known, const int64_t *pairs,
                   int64_t count, int64_t *surely, int64_t *found) {
    int64_t *perhaps = surely + words;
    uint8_t before, kind = 0, next = 0, after = 0;
    found[0] = found[1] = 0;
    for (int64_t i = -2; i < words; i++) {
        before = kind, kind = next, next = after;
        after = i + 2 >= words ? 0 : ids[i + 2] < known ? kinds[ids[i + 2]] : UNKNOWN;
        if (!kind) continue;
        int run = kind & (ONE_LETTER | NUMBER) && next & (ONE_LETTER | NUMBER) && after & (ONE_LETTER | NUMBER);
        int left = kind & TELLING && before & BESIDE, right = kind & TELLING && next & BESIDE;
        int split = (kind & UNKNOWN && next & (ONE_LETTER | UNKNOWN)) || (kind & ONE_LETTER && next & UNKNOWN);
        if (run || (left && paired_with(pairs, count, ids[i - 1], ids[i])) ||
            (right && paired_with(pairs, count, ids[i], ids[i + 1])))
            surely[found[0]++] = i;
        else if (split || kind & ALONE)
            perhaps[found[1]++] = i;
    }
}

/* A short word of the vocabulary, zeros behind its letters, and its id: −1 where there is none. One cache line holds all
   that a look-up needs; longer words are few. */
#define SHORT 12
typedef struct {
    char letters[SHORT];
    int32_t id;
} Place;

/* Open addressing. */
typedef struct {
    Place *places;
    uint32_t mask;
} Index;

/* Where the search for a short word begins; zeros stand behind its letters. */
static uint32_t scattered(const char letters[SHORT]) {
    uint64_t first;
    uint32_t rest;
    memcpy(&first, letters, 8);
    memcpy(&rest, letters + 8, 4);
    return ((first ^ rest * 0x9E3779B97F4A7C15u) * 0xD6E8FEB86659FD93u) >> 32;
}

/* Where it stands, or would. */
static Place *sought(const Index *index, const char letters[SHORT], uint32_t at) {
    for (;; at++) {
        Place *place = index->places + (at & index->mask);
        if (place->id < 0 || !memcmp(place->letters, letters, SHORT)) return place;
    }
}

/* One stretch without white space. If it is a short word with ordinary punctuation around it: its letters and zeros, how
   many letters, where it is sought and whether it ends a sentence. */
typedef struct {
    Py_ssize_t start, stop;
    char letters[SHORT];
    int length, ends;
    uint32_t at;
} Chunk;

/* Find the letters of a chunk whose characters are plain; an asterisk makes it no word. */
static void strip(Chunk *chunk, const uint8_t *characters) {
    Py_ssize_t first = 0, length = chunk->stop - chunk->start, stop = length;
    while (first < length && kinds_of[characters[first]] & OPENS) first++;
    while (stop > first && kinds_of[characters[stop - 1]] & CLOSES) chunk->ends |= kinds_of[characters[--stop]] & ENDS;
    for (Py_ssize_t i = first; i < stop; i++)
        if (!(kinds_of[characters[i]] & INSIDE)) return;
    if (first == stop || stop - first > SHORT || (length > 3 && !memcmp(characters, "www.", 4))) return;
    chunk->length = (int)(stop - first);
    if (chunk->length == 1) chunk->ends = 0;
    memcpy(chunk->letters, characters + first, chunk->length);
    chunk->at = scattered(chunk->letters);
}

typedef struct {
    int32_t *at;
    Py_ssize_t held, room;
} Ids;

static int put(Ids *ids, const int32_t *some, Py_ssize_t count) {
    if (!ids->at || ids->held + count > ids->room) {
        Py_ssize_t room = 2 * ids->room + count + 64;
        int32_t *more = PyMem_Realloc(ids->at, room * sizeof(int32_t));
        if (!more) {
            PyErr_NoMemory();
            return 0;
        }
        ids->at = more;
        ids->room = room;
    }
    memcpy(ids->at + ids->held, some, count * sizeof(int32_t));
    ids->held += count;
    return 1;
}

static int put_remembered(Ids *ids, PyObject *memory, PyObject *text, Py_ssize_t start, Py_ssize_t stop) {
    PyObject *chunk = PyUnicode_Substring(text, start, stop);
    PyObject *packed = chunk ? PyObject_GetItem(memory, chunk) : NULL;
    int sound = packed && PyBytes_Check(packed);
    if (packed && !sound) PyErr_SetString(PyExc_TypeError, "a chunk reads as bytes");
    if (sound) sound = put(ids, (const int32_t *)(void *)PyBytes_AS_STRING(packed), PyBytes_GET_SIZE(packed) / 4);
    Py_XDECREF(packed);
    Py_XDECREF(chunk);
    return sound;
}

/* Chunks that were seen and not yet looked up: a rare word's place is far away, so it is asked for ahead. */
#define WAITING 8

/* What read() was given, the ids found so far, and how many chunks of the text were seen and looked up. */
typedef struct {
    PyObject *memory;
    Index index;
    const Sieve *sieve;
    Strangers strangers;
    Ids ids;
    Chunk waiting[WAITING];
    size_t seen, known;
} Reading;

/* Look up chunks until no more of them wait than that. */
static int look_up(Reading *reading, PyObject *text, size_t waiting) {
    static const int32_t end = END;
    while (reading->seen - reading->known > waiting) {
        const Chunk *chunk = &reading->waiting[reading->known++ % WAITING];
        int32_t id = chunk->length ? sought(&reading->index, chunk->letters, chunk->at)->id : -1;
        if (chunk->length && id < 0)
            id = stranger(&reading->strangers, reading->sieve, (const uint8_t *)chunk->letters, chunk->length);
        int sound = id >= 0 && put(&reading->ids, &id, 1) && (!chunk->ends || put(&reading->ids, &end, 1));
        if (id == -1) sound = put_remembered(&reading->ids, reading->memory, text, chunk->start, chunk->stop);
        if (!sound) return 0;
    }
    return 1;
}

/* One folded text. A line's end reads as the end of a sentence, and so does a text of nothing. */
static inline __attribute__((always_inline)) int read_characters(Reading *reading, PyObject *text, int kind) {
    static const int32_t end = END;
    const void *data = PyUnicode_DATA(text);
    Py_ssize_t length = PyUnicode_GET_LENGTH(text), before = reading->ids.held, start, stop = 0;
    reading->seen = reading->known = 0;
    while (stop < length) {
        Py_UCS4 character = PyUnicode_READ(kind, data, stop);
        if (Py_UNICODE_ISSPACE(character)) {
            if (character == '\n' && !(look_up(reading, text, 0) && put(&reading->ids, &end, 1))) return 0;
            stop++;
            continue;
        }
        uint8_t characters[PLAIN];
        int plain = 1;
        for (start = stop; stop < length && !Py_UNICODE_ISSPACE(character = PyUnicode_READ(kind, data, stop)); stop++) {
            plain &= character < 128 || character == 0x2026;
            if (stop - start < PLAIN) characters[stop - start] = character < 128 ? (uint8_t)character : ELLIPSIS;
        }
        if (!look_up(reading, text, WAITING - 1)) return 0;
        Chunk *chunk = &reading->waiting[reading->seen++ % WAITING];
        *chunk = (Chunk){start, stop, {0}, 0, 0, 0};
        if (plain && stop - start <= PLAIN) strip(chunk, characters);
        if (chunk->length) __builtin_prefetch(reading->index.places + (chunk->at & reading->index.mask));
    }
    return look_up(reading, text, 0) && (reading->ids.held > before || put(&reading->ids, &end, 1));
}

static int read_text(Reading *reading, PyObject *text) {
    int kind = PyUnicode_KIND(text);
    return kind == PyUnicode_1BYTE_KIND ? read_characters(reading, text, PyUnicode_1BYTE_KIND) : read_characters(reading, text, kind);
}

/* read(texts, memory, index, sieve, ids, words, first, most) → the texts' ids one after another as 32-bit numbers, and
   where each text starts among them, and the end, as 64-bit numbers. The last four are the unknown words, which grow. */
static PyObject *py_read(PyObject *module, PyObject *const *given, Py_ssize_t count) {
    (void)module;
    if (count != 8 || !PyList_Check(given[0]) || !PyBytes_Check(given[2]) || !PyBytes_Check(given[3]) ||
        PyBytes_GET_SIZE(given[3]) != sizeof(Sieve) || !PyDict_Check(given[4]) || !PyList_Check(given[5]))
        return PyErr_Format(PyExc_TypeError, "read takes a list, a mapping, an index, a sieve and unknown words");
    Strangers strangers = {given[4], given[5], PyLong_AsLong(given[6]), PyLong_AsLong(given[7])};
    if (PyErr_Occurred()) return NULL;
    Index index = {(Place *)(void *)PyBytes_AS_STRING(given[2]), (uint32_t)(PyBytes_GET_SIZE(given[2]) / sizeof(Place)) - 1};
    Reading reading = {given[1], index, (const Sieve *)(void *)PyBytes_AS_STRING(given[3]), strangers, {NULL, 0, 0}, {{0}}, 0, 0};
    Py_ssize_t texts = PyList_GET_SIZE(given[0]);
    PyObject *answer = NULL, *starts = PyBytes_FromStringAndSize(NULL, (texts + 1) * 8);
    int64_t *start = starts ? (int64_t *)(void *)PyBytes_AS_STRING(starts) : NULL;
    int sound = starts != NULL;
    if (sound) *start = 0;
    for (Py_ssize_t i = 0; sound && i < texts; i++) {
        /* The memory is Python's: what it does to the list meanwhile must not matter. */
        PyObject *text = i < PyList_GET_SIZE(given[0]) ? PyList_GET_ITEM(given[0], i) : Py_None;
        Py_INCREF(text);
        sound = PyUnicode_Check(text) && read_text(&reading, text);
        if (!sound && !PyErr_Occurred()) PyErr_SetString(PyExc_TypeError, "texts are strings");
        Py_DECREF(text);
        start[i + 1] = reading.ids.held;
    }
    if (sound) answer = Py_BuildValue("NO", PyBytes_FromStringAndSize((const char *)reading.ids.at, reading.ids.held * 4), starts);
    PyMem_Free(reading.ids.at);
    Py_XDECREF(starts);
    return answer;
}

/* index(words) → the index of words that stand one a line, each with a line's end behind it; of two that are the same
   the last one counts. */
static PyObject *py_index(PyObject *module, PyObject *words) {
    (void)module;
    if (!PyBytes_Check(words) || PyBytes_GET_SIZE(words) > INT32_MAX)
        return PyErr_Format(PyExc_TypeError, "words are bytes, two gigabytes at most");
    const char *letters = PyBytes_AS_STRING(words), *behind = letters + PyBytes_GET_SIZE(words);
    Index index = {NULL, 15};
    Py_ssize_t count = 0;
    for (const char *c = letters; c < behind; c++) count += *c == '\n';
    while (index.mask < 2 * (size_t)count) index.mask = 2 * index.mask + 1;
    PyObject *places = PyBytes_FromStringAndSize(NULL, ((Py_ssize_t)index.mask + 1) * sizeof(Place));
    if (!places) return NULL;
    index.places = (Place *)(void *)PyBytes_AS_STRING(places);
    memset(index.places, 0xff, ((size_t)index.mask + 1) * sizeof(Place));
    for (int32_t id = 0; id < count; id++) {
        const char *end = memchr(letters, '\n', behind - letters);
        if (end - letters <= SHORT) {
            char word[SHORT] = {0};
            memcpy(word, letters, end - letters);
            Place *place = sought(&index, word, scattered(word));
            memcpy(place->letters, word, SHORT);
            place->id = id;
        }
        letters = end + 1;
    }
    return places;
}
