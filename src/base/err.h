#ifndef BASE_ERR_H
#define BASE_ERR_H

/*
 * err: why something failed, as one line for people.
 *
 * The one contract of the project: a function returns 0, or -1 with its
 * struct err filled. The struct is the caller's, by value and without heap,
 * so it serves in PID 1 and after a fork. Leaves set, callers wrap, and only
 * main prints.
 */
enum { ERR_TEXT_SIZE = 512 };

struct err {
	int num; /* an errno value, or 0 where no system call failed */
	char text[ERR_TEXT_SIZE];
};

/*
 * Store the message; where num is not 0 append ": " and its text.
 * Always returns -1, so that a leaf is one return statement.
 */
__attribute__((format(printf, 3, 4))) int err_set(struct err *err, int num,
						  const char *format, ...);

/* "'WORD' is not WHAT", as readers of values refuse them. Returns -1. */
int err_not(struct err *err, const char *word, const char *what);

/* Put "format: " before the message already stored. Returns -1. */
__attribute__((format(printf, 2, 3))) int err_wrap(struct err *err,
						   const char *format, ...);

#endif
