#ifndef BASE_ERRTEXT_H
#define BASE_ERRTEXT_H

/*
 * errtext: the words for an errno value, strerror(3) without the 2 KB that
 * libc's table of all values costs PID 1. Values that are not among the usual
 * ones read "error N". The text lasts until the next call.
 */
const char *errtext(int num);

#endif
