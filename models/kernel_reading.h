/* Reading: folded texts → word ids. A plain word of the vocabulary is found here; what any other chunk reads as is asked
   of the caller's memory, a mapping of str to packed ids. Nothing of a text is trusted: every index is measured first. */

/* What a character of ASCII is, as OPENING, CLOSING and SENTENCE_ENDS of models/chunks.py have it, and str.isalpha. */
enum { LETTER = 1, OPENS = 2, CLOSES = 4, ENDS = 8 };
/* Characters of a chunk that may be plain. */
#define PLAIN 64

static uint8_t kinds_of[128];

static void learn_characters(void) {
    for (const char *c = "\"'([{<*_-~,.:;"; *c; c++) kinds_of[(int)*c] |= OPENS;
    for (const char *c = "\"')]}>.,:;!?*_-~"; *c; c++) kinds_of[(int)*c] |= CLOSES;
    for (const char *c = ".!?"; *c; c++) kinds_of[(int)*c] |= ENDS;
    for (int c = 'a'; c <= 'z'; c++) kinds_of[c] = kinds_of[c - 'a' + 'A'] = LETTER;
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

/* Positions of words that ask for a second look, and of those that may; found[] is how many. What stands behind the
   last of the kinds is unknown. */
static void asking(const int32_t *ids, int64_t words, const uint8_t *kinds, int64_t known, const int64_t *pairs,
                   int64_t count, int64_t *surely, int64_t *perhaps, int64_t *found) {
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

/* Where each word of a vocabulary stands among its letters, and its id; open addressing, empty where the id is −1. */
typedef struct {
    uint32_t at;
    int32_t id;
} Place;

typedef struct {
    const char *letters;
    Py_ssize_t size;
    Place *places;
    uint32_t mask;
} Index;

static Place *sought(const Index *index, const char *word, Py_ssize_t length) {
    uint32_t hashed = 0x811C9DC5u;
    for (Py_ssize_t i = 0; i < length; i++) hashed = (hashed ^ (uint8_t)word[i]) * 0x01000193u;
    for (hashed ^= hashed >> 15;; hashed++) {
        Place *place = index->places + (hashed & index->mask);
        if (place->id < 0) return place;
        if (length < index->size - place->at && index->letters[place->at + length] == '\n' &&
            !memcmp(index->letters + place->at, word, length))
            return place;
    }
}

/* The id of a chunk that is a word of the vocabulary with ordinary punctuation around it, −1 if it is none; and whether
   it ends a sentence. */
static int32_t plainly(const Index *index, const char *chunk, Py_ssize_t length, int *ends) {
    Py_ssize_t first = 0, stop = length;
    if (memchr(chunk, '*', length) || (length > 3 && !memcmp(chunk, "www.", 4))) return -1;
    while (first < length && kinds_of[(int)chunk[first]] & OPENS) first++;
    while (stop > first && kinds_of[(int)chunk[stop - 1]] & CLOSES) *ends |= kinds_of[(int)chunk[--stop]] & ENDS;
    for (Py_ssize_t i = first; i < stop; i++)
        if (kinds_of[(int)chunk[i]] != LETTER) return -1;
    if (first == stop) return -1;
    if (stop - first == 1) *ends = 0;
    return sought(index, chunk + first, stop - first)->id;
}

typedef struct {
    int32_t *at;
    Py_ssize_t held, room;
} Ids;

static int put(Ids *ids, const int32_t *some, Py_ssize_t count) {
    if (!ids->at || ids->held + count > ids->room) {
        Py_ssize_t room = 2 * ids->room + count + 64;
        int32_t *more = PyMem_Realloc(ids->at, room * sizeof(int32_t));
        if (!more) return PyErr_NoMemory() != NULL;
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

/* One folded text. A line's end reads as the end of a sentence, and so does a text of nothing. */
static int read_text(Ids *ids, PyObject *text, PyObject *memory, const Index *index) {
    static const int32_t end = END;
    int kind = PyUnicode_KIND(text);
    const void *data = PyUnicode_DATA(text);
    Py_ssize_t length = PyUnicode_GET_LENGTH(text), before = ids->held, start, stop = 0;
    while (stop < length) {
        Py_UCS4 character = PyUnicode_READ(kind, data, stop);
        if (Py_UNICODE_ISSPACE(character)) {
            if (character == '\n' && !put(ids, &end, 1)) return 0;
            stop++;
            continue;
        }
        char chunk[PLAIN];
        int ascii = 1, ends = 0;
        for (start = stop; stop < length && !Py_UNICODE_ISSPACE(character = PyUnicode_READ(kind, data, stop)); stop++) {
            ascii &= character < 128;
            if (stop - start < PLAIN) chunk[stop - start] = (char)character;
        }
        int32_t id = ascii && stop - start <= PLAIN ? plainly(index, chunk, stop - start, &ends) : -1;
        int sound = id < 0 ? put_remembered(ids, memory, text, start, stop) : put(ids, &id, 1) && (!ends || put(ids, &end, 1));
        if (!sound) return 0;
    }
    return ids->held > before || put(ids, &end, 1);
}

/* read(texts, memory, letters, places) → the texts' ids one after another as 32-bit numbers, and where each text starts
   among them, and the end, as 64-bit numbers. */
static PyObject *py_read(PyObject *module, PyObject *const *given, Py_ssize_t count) {
    (void)module;
    if (count != 4 || !PyList_Check(given[0]) || !PyBytes_Check(given[2]) || !PyBytes_Check(given[3]))
        return PyErr_Format(PyExc_TypeError, "read takes a list, a mapping, and an index's two parts");
    Index index = {PyBytes_AS_STRING(given[2]), PyBytes_GET_SIZE(given[2]), (Place *)(void *)PyBytes_AS_STRING(given[3]),
                   (uint32_t)(PyBytes_GET_SIZE(given[3]) / sizeof(Place)) - 1};
    Ids ids = {NULL, 0, 0};
    PyObject *answer = NULL, *starts = PyBytes_FromStringAndSize(NULL, (PyList_GET_SIZE(given[0]) + 1) * 8);
    int64_t *start = starts ? (int64_t *)(void *)PyBytes_AS_STRING(starts) : NULL;
    Py_ssize_t texts = PyList_GET_SIZE(given[0]);
    int sound = starts != NULL;
    if (sound) *start = 0;
    for (Py_ssize_t i = 0; sound && i < texts; i++) {
        /* The memory is Python's: what it does to the list meanwhile must not matter. */
        PyObject *text = i < PyList_GET_SIZE(given[0]) ? PyList_GET_ITEM(given[0], i) : Py_None;
        Py_INCREF(text);
        sound = PyUnicode_Check(text) && !PyUnicode_READY(text) && read_text(&ids, text, given[1], &index);
        if (!sound && !PyErr_Occurred()) PyErr_SetString(PyExc_TypeError, "texts are strings");
        Py_DECREF(text);
        start[i + 1] = ids.held;
    }
    if (sound) answer = Py_BuildValue("NO", PyBytes_FromStringAndSize((const char *)ids.at, ids.held * 4), starts);
    PyMem_Free(ids.at);
    Py_XDECREF(starts);
    return answer;
}

/* index(letters) → places, of words each with a line's end behind it; the last of two that are the same counts. */
static PyObject *py_index(PyObject *module, PyObject *letters) {
    (void)module;
    if (!PyBytes_Check(letters) || PyBytes_GET_SIZE(letters) > INT32_MAX)
        return PyErr_Format(PyExc_TypeError, "letters are bytes, two gigabytes at most");
    Index index = {PyBytes_AS_STRING(letters), PyBytes_GET_SIZE(letters), NULL, 15};
    Py_ssize_t words = 0, start = 0;
    for (Py_ssize_t i = 0; i < index.size; i++) words += index.letters[i] == '\n';
    while (index.mask < 2 * (size_t)words) index.mask = 2 * index.mask + 1;
    PyObject *places = PyBytes_FromStringAndSize(NULL, ((Py_ssize_t)index.mask + 1) * sizeof(Place));
    if (!places) return NULL;
    index.places = (Place *)(void *)PyBytes_AS_STRING(places);
    memset(index.places, 0xff, ((size_t)index.mask + 1) * sizeof(Place));
    words = 0;
    for (Py_ssize_t i = 0; i < index.size; i++)
        if (index.letters[i] == '\n') {
            *sought(&index, index.letters + start, i - start) = (Place){(uint32_t)start, (int32_t)words++};
            start = i + 1;
        }
    return places;
}
