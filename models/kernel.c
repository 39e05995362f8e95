/* The reading and the sums of a batch, compiled: optional, and equal to Python's and NumPy's to the last bit.
   models/kernel.py says what each function means; its twin stands where it is called.

   NumPy adds float32 in a fixed order (eight running sums below 128 numbers, halves above; einsum four lanes wide), and
   so does this. Compile without contraction of a * b + c. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "kernel_words.h"
#include "kernel_pairs.h"
#include "kernel_strangers.h"
#include "kernel_reading.h"

/* Arguments as the functions take them: whole numbers, and arrays by their first element. */
typedef struct {
    int64_t at[MOST];
    Py_buffer views[MOST];
    int held;
} Arguments;

static int gathered(Arguments *given, PyObject *const *objects, Py_ssize_t count, Py_ssize_t wanted) {
    given->held = 0;
    if (count != wanted || count > MOST) {
        PyErr_Format(PyExc_TypeError, "%zd arguments, not %zd", wanted, count);
        return 0;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        if (PyLong_Check(objects[i])) {
            given->at[i] = PyLong_AsLongLong(objects[i]);
            if (given->at[i] == -1 && PyErr_Occurred()) return 0;
            continue;
        }
        if (PyObject_GetBuffer(objects[i], &given->views[given->held], PyBUF_C_CONTIGUOUS) < 0) return 0;
        given->at[i] = (int64_t)(intptr_t)given->views[given->held++].buf;
    }
    return 1;
}

/* How many arguments there have to be where pairs of them follow on the first ones: as many as there are, if they fit. */
static Py_ssize_t wide(Py_ssize_t given, Py_ssize_t first) { return given < first ? first : given + (given - first) % 2; }

#define P(i) ((void *)(intptr_t)a.at[i])
#define N(i) (a.at[i])
#define CALLABLE(name, wanted, ...)                                                                  \
    static PyObject *py_##name(PyObject *module, PyObject *const *objects, Py_ssize_t given) {       \
        Arguments a;                                                                                 \
        (void)module;                                                                                \
        int sound = gathered(&a, objects, given, wanted);                                            \
        if (sound) name(__VA_ARGS__);                                                                \
        while (a.held) PyBuffer_Release(&a.views[--a.held]);                                         \
        if (!sound) return NULL;                                                                     \
        Py_RETURN_NONE;                                                                              \
    }

CALLABLE(cut, 7, P(0), P(1), N(2), N(3), P(4), N(5), N(6))
CALLABLE(count, 6, P(0), P(1), N(2), P(3), N(4), P(5))
CALLABLE(likeliest, 6, P(0), N(1), N(2), N(3), P(4), P(5))
CALLABLE(evidence, 11, P(0), P(1), N(2), P(3), N(4), P(5), P(6), N(7), P(8), N(9), N(10))
CALLABLE(sums, wide(given, 13), P(0), N(1), P(2), P(3), P(4), N(5), P(6), P(7), P(8), N(9), P(10), P(11), N(12), a.at + 13, (given - 13) / 2)
CALLABLE(work, 10, P(0), P(1), N(2), P(3), N(4), P(5), P(6), P(7), P(8), N(9))
CALLABLE(vectors, 12, P(0), N(1), P(2), N(3), P(4), N(5), P(6), P(7), N(8), N(9), P(10), P(11))
CALLABLE(rarity, 6, P(0), N(1), P(2), P(3), P(4), P(5))
CALLABLE(compared, 12, P(0), P(1), N(2), P(3), P(4), N(5), P(6), P(7), P(8), N(9), P(10), P(11))
CALLABLE(shares, 12, P(0), N(1), P(2), N(3), P(4), N(5), P(6), P(7), N(8), P(9), N(10), P(11))
CALLABLE(scores, 11, P(0), N(1), N(2), P(3), P(4), P(5), N(6), P(7), P(8), N(9), P(10))

CALLABLE(asking, 8, P(0), N(1), P(2), N(3), P(4), N(5), P(6), P(7))
CALLABLE(learn, given < 7 ? 7 : given, P(0), P(1), N(2), N(3), P(4), P(5), P(6), a.at + 7, given - 7)

#define METHOD(name) {#name, (PyCFunction)(void (*)(void))py_##name, METH_FASTCALL, NULL}
static PyMethodDef methods[] = {
    METHOD(cut), METHOD(count), METHOD(likeliest), METHOD(evidence), METHOD(sums), METHOD(work), METHOD(vectors),
    METHOD(rarity), METHOD(compared), METHOD(shares), METHOD(scores), METHOD(learn), METHOD(read), METHOD(sieve),
    METHOD(asking), {"index", py_index, METH_O, NULL}, {NULL, NULL, 0, NULL},
};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_kernel", NULL, 0, methods, NULL, NULL, NULL, NULL};

#define QUOTED(text) #text
#define QUOTED_VALUE(name) QUOTED(name)

PyMODINIT_FUNC PyInit__kernel(void) {
    learn_characters();
    PyObject *made = PyModule_Create(&module);
    /* What it was compiled from: one compiled from other sources would take other arguments. */
    if (made && PyModule_AddStringConstant(made, "sources", QUOTED_VALUE(SOURCES)) < 0) Py_CLEAR(made);
    return made;
}
