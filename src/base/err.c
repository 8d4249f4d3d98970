#include "base/err.h"

#include <string.h>

#include "base/errtext.h"
#include "base/fmt.h"

int err_set(struct err *err, int num, const char *format, ...)
{
	const char *why = num ? errtext(num) : "";
	size_t room = sizeof(err->text) - strlen(why) - strlen(": ");
	va_list args;

	/* Of a name that is too long the end is lost, and not the reason. */
	va_start(args, format);
	size_t n = fmt_v(err->text, room, format, args);
	va_end(args);
	if (num)
		fmt(err->text + n, sizeof(err->text) - n, ": %s", why);
	err->num = num;
	return -1;
}

int err_not(struct err *err, const char *word, const char *what)
{
	return err_set(err, 0, "'%s' is not %s", word, what);
}

int err_wrap(struct err *err, const char *format, ...)
{
	char inner[ERR_TEXT_SIZE];
	va_list args;

	memcpy(inner, err->text, sizeof(inner));
	va_start(args, format);
	size_t n = fmt_v(err->text, sizeof(err->text), format, args);
	va_end(args);
	fmt(err->text + n, sizeof(err->text) - n, ": %s", inner);
	return -1;
}
