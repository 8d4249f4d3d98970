#include "base/errtext.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fmt.h"

static const struct {
	uint8_t num;
	char text[27];
} texts[] = {
	{ EPERM, "Operation not permitted" },
	{ ENOENT, "No such file or directory" },
	{ EIO, "I/O error" },
	{ E2BIG, "Argument list too long" },
	{ ENOEXEC, "Exec format error" },
	{ EAGAIN, "Temporarily unavailable" },
	{ ENOMEM, "Out of memory" },
	{ EACCES, "Permission denied" },
	{ EBUSY, "Resource busy" },
	{ EEXIST, "File exists" },
	{ ENOTDIR, "Not a directory" },
	{ EISDIR, "Is a directory" },
	{ EINVAL, "Invalid argument" },
	{ EMFILE, "Too many open files" },
	{ ETXTBSY, "Text file busy" },
	{ EFBIG, "File too large" },
	{ ENOSPC, "No space left on device" },
	{ EROFS, "Read-only file system" },
	{ EPIPE, "Broken pipe" },
	{ ENAMETOOLONG, "File name too long" },
	{ ENOSYS, "Function not implemented" },
	{ ECONNRESET, "Connection reset by peer" },
	{ ECONNREFUSED, "Connection refused" },
	{ ELOOP, "Too many symbolic links" },
	{ ELIBBAD, "Damaged shared library" },
};

const char *errtext(int num)
{
	static char other[24];

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i].num == num)
			return texts[i].text;
	fmt(other, sizeof(other), "error %d", num);
	return other;
}
