/*
 * libc: the string functions that pith-init uses, in their shortest form.
 *
 * libc's own read words at a time for the sake of long strings, in 900 bytes.
 * What is long here (files, the environment) is scanned by base/slice.
 */
#include <string.h>

/* Parameters have reserved names in the header. */
/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */

size_t strlen(const char *s)
{
	const char *end = s;

	while (*end)
		end++;
	return (size_t)(end - s);
}

char *strchr(const char *s, int c)
{
	for (; *s != (char)c; s++)
		if (!*s)
			return NULL;
	return (char *)(unsigned long)s;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const unsigned char *p = a, *q = b;

	for (; n; n--, p++, q++)
		if (*p != *q)
			return *p - *q;
	return 0;
}

int strncmp(const char *a, const char *b, size_t n)
{
	for (; n; n--, a++, b++)
		if (*a != *b || !*a)
			return (unsigned char)*a - (unsigned char)*b;
	return 0;
}

int strcmp(const char *a, const char *b)
{
	return strncmp(a, b, (size_t)-1);
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
