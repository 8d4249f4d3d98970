#include "names.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>

struct name {
	int num;
	const char *text;
};

#define NAME(num)         \
	{                 \
		num, #num \
	}
#define FIND(table, num) find(table, sizeof(table) / sizeof((table)[0]), num)

static const char *find(const struct name *names, size_t count, int num)
{
	for (size_t i = 0; i < count; i++)
		if (names[i].num == num)
			return names[i].text;
	return "other";
}

const char *names_errno(int num)
{
	static const struct name names[] = {
		NAME(EPERM),	    NAME(ENOENT),
		NAME(ESRCH),	    NAME(EINTR),
		NAME(EIO),	    NAME(ENXIO),
		NAME(E2BIG),	    NAME(ENOEXEC),
		NAME(EBADF),	    NAME(ECHILD),
		NAME(EAGAIN),	    NAME(ENOMEM),
		NAME(EACCES),	    NAME(EFAULT),
		NAME(ENOTBLK),	    NAME(EBUSY),
		NAME(EEXIST),	    NAME(EXDEV),
		NAME(ENODEV),	    NAME(ENOTDIR),
		NAME(EISDIR),	    NAME(EINVAL),
		NAME(ENFILE),	    NAME(EMFILE),
		NAME(ENOTTY),	    NAME(ETXTBSY),
		NAME(EFBIG),	    NAME(ENOSPC),
		NAME(ESPIPE),	    NAME(EROFS),
		NAME(EDOM),	    NAME(ERANGE),
		NAME(ENOSYS),	    NAME(ELOOP),
		NAME(ENODATA),	    NAME(EOVERFLOW),
		NAME(EUSERS),	    NAME(ENOTSOCK),
		NAME(ENOPROTOOPT),  NAME(EPROTONOSUPPORT),
		NAME(EOPNOTSUPP),   NAME(ESOCKTNOSUPPORT),
		NAME(EAFNOSUPPORT), NAME(EADDRNOTAVAIL),
		NAME(ENOBUFS),	    NAME(ENOTCONN),
		NAME(ETIMEDOUT),    NAME(ENOKEY),
		NAME(EKEYREVOKED),  NAME(EDQUOT),
	};

	return FIND(names, num);
}

const char *names_signal(int sig)
{
	static const struct name names[] = {
		NAME(SIGSYS),  NAME(SIGSEGV), NAME(SIGBUS),  NAME(SIGILL),
		NAME(SIGTRAP), NAME(SIGKILL), NAME(SIGALRM), NAME(SIGABRT),
		NAME(SIGFPE),  NAME(SIGHUP),  NAME(SIGTERM), NAME(SIGINT),
	};

	return FIND(names, sig);
}
