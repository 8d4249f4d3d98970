#include "base/errtext.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/fmt.h"

/* One after another, each with its zero: a table has room for the longest. */
#define TEXTS(T)                                  \
	T(EPERM, "Operation not permitted")       \
	T(ENOENT, "No such file or directory")    \
	T(EIO, "I/O error")                       \
	T(E2BIG, "Argument list too long")        \
	T(ENOEXEC, "Exec format error")           \
	T(EAGAIN, "Temporarily unavailable")      \
	T(ENOMEM, "Out of memory")                \
	T(EACCES, "Permission denied")            \
	T(EBUSY, "Resource busy")                 \
	T(EEXIST, "File exists")                  \
	T(ENOTDIR, "Not a directory")             \
	T(EISDIR, "Is a directory")               \
	T(EINVAL, "Invalid argument")             \
	T(EMFILE, "Too many open files")          \
	T(ETXTBSY, "Text file busy")              \
	T(EFBIG, "File too large")                \
	T(ENOSPC, "No space left on device")      \
	T(EROFS, "Read-only file system")         \
	T(EPIPE, "Broken pipe")                   \
	T(ENAMETOOLONG, "File name too long")     \
	T(ENOSYS, "Function not implemented")     \
	T(EOPNOTSUPP, "Not supported")            \
	T(ECONNRESET, "Connection reset by peer") \
	T(ECONNREFUSED, "Connection refused")     \
	T(ELOOP, "Too many symbolic links")       \
	T(ELIBBAD, "Damaged shared library")

#define NUMBER(num, text) num,
#define TEXT(num, text)	  text "\0"

static const uint8_t numbers[] = { TEXTS(NUMBER) };
static const char texts[] = TEXTS(TEXT);

const char *errtext(int num)
{
	static char other[24];
	const char *text = texts;

	for (size_t i = 0; i < sizeof(numbers); i++) {
		if (numbers[i] == num)
			return text;
		text += strlen(text) + 1;
	}
	fmt(other, sizeof(other), "error %d", num);
	return other;
}
