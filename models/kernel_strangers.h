/* Words that the vocabulary lacks. Most of them are names and slips that no reading makes a term of, and their letters
   tell it: such a word gets its id here. Of the others Python decides. */

/* One bit for each outline of a word that is looked up whole, and one for each four letters that a term begins with. */
#define MARKS (1 << 20)
typedef struct {
    uint8_t outlines[MARKS / 8];
    uint8_t beginnings[MARKS / 8];
} Sieve;

static int marked(const uint8_t *marks, uint32_t at) { return marks[at >> 3] >> (at & 7) & 1; }
static void mark(uint8_t *marks, uint32_t at) { marks[at >> 3] |= (uint8_t)(1 << (at & 7)); }

/* Letters as ``sounded`` in models/spelling.py hears them, a to z. What it puts for others (ph, ck, gh, kn, x, c, q) or
   leaves out is nothing here, so that words which sound alike have one outline. */
static const char outline_of[] = "ab\0de\0g\0ij\0lmno\0\0rstuuwsis";

static uint32_t outlined(const uint8_t *word, Py_ssize_t length) {
    uint32_t hashed = 0x811C9DC5u;
    char last = 0;
    for (Py_ssize_t i = 0; i < length; i++) {
        char letter = outline_of[word[i] - 'a'];
        if (!letter || letter == last) continue;
        hashed = (hashed ^ (uint8_t)letter) * 0x01000193u;
        last = letter;
    }
    return (hashed * 0x9E3779B1u) >> 12;
}

/* Whether Decoder.word may find a term in a word of the letters a to z: it is one that is looked up whole, or sounds like
   one; a letter stands there three times; or what is looked for inside words begins in it. No is always right. */
static int may_hide(const Sieve *sieve, const uint8_t *word, Py_ssize_t length) {
    if (marked(sieve->outlines, outlined(word, length))) return 1;
    uint32_t four = 0;
    for (Py_ssize_t i = 0; i <= length; i++) {
        uint32_t letter = i < length ? word[i] - 'a' + 1u : 0;
        four = (four << 5 | letter) & (MARKS - 1);
        if (i > 2 && marked(sieve->beginnings, four)) return 1;
        if (letter && i > 1 && (four & 0x3FF) == (four >> 5 & 0x3FF)) return 1;
    }
    return 0;
}

static int is_letters(const uint8_t *word, Py_ssize_t length) {
    for (Py_ssize_t i = 0; i < length; i++)
        if (word[i] < 'a' || word[i] > 'z') return 0;
    return 1;
}

/* sieve(wholes, pieces) → what read() tells words by. Both stand one a line, each with a line's end behind it; pieces
   have three letters at least. */
static PyObject *py_sieve(PyObject *module, PyObject *const *given, Py_ssize_t count) {
    (void)module;
    if (count != 2 || !PyBytes_Check(given[0]) || !PyBytes_Check(given[1]))
        return PyErr_Format(PyExc_TypeError, "a sieve is made of two lists of words, which are bytes");
    PyObject *made = PyBytes_FromStringAndSize(NULL, sizeof(Sieve));
    if (!made) return NULL;
    Sieve *sieve = (Sieve *)(void *)PyBytes_AS_STRING(made);
    memset(sieve, 0, sizeof(Sieve));
    for (int inside = 0; inside < 2; inside++) {
        const uint8_t *word = (const uint8_t *)PyBytes_AS_STRING(given[inside]), *end;
        const uint8_t *behind = word + PyBytes_GET_SIZE(given[inside]);
        for (; word < behind && (end = memchr(word, '\n', behind - word)); word = end + 1) {
            if (!is_letters(word, end - word)) continue; /* No word that is asked about can be or hold it. */
            if (!inside) mark(sieve->outlines, outlined(word, end - word));
            uint32_t four = 0;
            for (Py_ssize_t i = 0; inside && i < 4 && i < end - word; i++) four = four << 5 | (word[i] - 'a' + 1u);
            /* Behind three letters anything may follow. */
            if (inside && end - word > 3) mark(sieve->beginnings, four);
            else if (inside) for (uint32_t next = 0; next < 32; next++) mark(sieve->beginnings, four << 5 | next);
        }
    }
    return made;
}

/* The reader's unknown words: their ids by word, the words in order, the first one's id, and how many there may be. */
typedef struct {
    PyObject *ids, *words;
    long first, most;
} Strangers;

/* The id of a word that the index lacks: −1 where Python has to say what it is, −2 after an error. */
static int32_t stranger(const Strangers *strangers, const Sieve *sieve, const uint8_t *letters, Py_ssize_t length) {
    if (!is_letters(letters, length)) return -1;
    PyObject *word = PyUnicode_FromKindAndData(PyUnicode_1BYTE_KIND, letters, length);
    if (!word) return -2;
    PyObject *number = PyDict_GetItemWithError(strangers->ids, word); /* borrowed */
    long id = number ? PyLong_AsLong(number) : PyErr_Occurred() ? -2 : -1;
    if (id == -1 && PyErr_Occurred()) id = -2;
    Py_ssize_t held = PyList_GET_SIZE(strangers->words);
    if (id == -1 && held < strangers->most && !may_hide(sieve, letters, length)) {
        number = PyLong_FromLong(id = strangers->first + (long)held);
        if (!number || PyList_Append(strangers->words, word) < 0 || PyDict_SetItem(strangers->ids, word, number) < 0) id = -2;
        Py_XDECREF(number);
    }
    Py_DECREF(word);
    return (int32_t)id;
}
