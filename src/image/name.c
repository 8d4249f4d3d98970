#include "image/name.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/fmt.h"

enum { IMAGE_NAME_MAX = 255, TAG_MAX = 128 };

/* How many bytes the character at p has, or 0: Unicode 15, table 3-7. */
static size_t character(const unsigned char *p, size_t len)
{
	unsigned char low = 0x80, high = 0xbf;
	size_t n;

	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	n = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (p[0] == 0xe0)
		low = 0xa0;
	else if (p[0] == 0xed)
		high = 0x9f;
	else if (p[0] == 0xf0)
		low = 0x90;
	else if (p[0] == 0xf4)
		high = 0x8f;
	if (len < n || p[1] < low || p[1] > high)
		return 0;
	for (size_t i = 2; i < n; i++)
		if (p[i] < 0x80 || p[i] > 0xbf)
			return 0;
	return n;
}

bool name_is_utf8(struct slice text)
{
	while (text.len) {
		size_t n = character((const unsigned char *)text.at, text.len);

		if (!n)
			return false;
		text.at += n;
		text.len -= n;
	}
	return true;
}

static bool is_control(char c)
{
	return (unsigned char)c < ' ' || c == 127;
}

static bool has_control(const char *text)
{
	while (*text && !is_control(*text))
		text++;
	return *text;
}

static const char *component_fault(struct slice part)
{
	if (!part.len)
		return "an empty component";
	if (slice_eq(part, ".") || slice_eq(part, ".."))
		return "a '.' or '..' component";
	if (slice_has_prefix(part, ".wh."))
		return "a component that begins with .wh., which layers "
		       "reserve";
	if (part.len > NAME_COMPONENT_MAX)
		return "a component of more than 255 bytes";
	return NULL;
}

static const char *path_fault(const char *path)
{
	struct slice rest = slice_from(path);
	struct slice part;
	const char *fault;

	if (path[0] != '/')
		return "no absolute path";
	if (rest.len > NAME_PATH_MAX)
		return "longer than 4095 bytes";
	if (has_control(path))
		return "a control character";
	if (!name_is_utf8(rest))
		return "not UTF-8";
	if (!path[1])
		return NULL;
	if (path[rest.len - 1] == '/')
		return "a slash at its end";
	rest.at++;
	rest.len--;
	while (slice_cut(&part, &rest, '/'))
		if ((fault = component_fault(part)))
			return fault;
	return NULL;
}

/* To be found by, though it is long or holds what a terminal must not see. */
static void show_path(char *out, size_t size, const char *path)
{
	size_t len = strlen(path);
	size_t kept = len < size ? len : size - sizeof("...");

	for (size_t i = 0; i < kept; i++)
		out[i] = (char)(is_control(path[i]) ? '?' : path[i]);
	fmt(out + kept, size - kept, "%s", kept < len ? "..." : "");
}

int name_check_path(const char *path, struct err *err)
{
	const char *fault = path_fault(path);
	char shown[256];

	if (!fault)
		return 0;
	show_path(shown, sizeof(shown), path);
	return err_set(err, 0, "%s: a path in the image: %s", shown, fault);
}

const char *name_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* The zero byte, then '/', then all others. */
static int rank(char c)
{
	return c == '/' ? 1 : c ? (unsigned char)c + 1 : 0;
}

int name_compare_paths(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return rank(*a) - rank(*b);
}

bool name_plain_path(struct buf *out, const char *path)
{
	struct slice rest = slice_from(path);
	struct slice part;

	out->len = 0;
	buf_add(out, "", 0);
	while (slice_cut(&part, &rest, '/')) {
		if (slice_eq(part, ".."))
			return false;
		if (!part.len || slice_eq(part, "."))
			continue;
		if (out->len)
			buf_add(out, "/", 1);
		buf_add(out, part.at, part.len);
	}
	return true;
}

static bool is_lower_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_alnum(char c)
{
	return is_lower_alnum(c) || (c >= 'A' && c <= 'Z');
}

/* Runs of [a-z0-9] joined by one '.', one or two '_', or any '-'s. */
static bool is_repository_part(struct slice part)
{
	size_t run = 0; /* of separators just seen */

	if (!part.len || !is_lower_alnum(part.at[0]) ||
	    !is_lower_alnum(part.at[part.len - 1]))
		return false;
	for (size_t i = 0; i < part.len; i++) {
		char c = part.at[i];

		run = is_lower_alnum(c) ? 0 : run + 1;
		if (run && c != '.' && c != '_' && c != '-')
			return false;
		if (run > 1 &&
		    (c != part.at[i - 1] || c == '.' || (c == '_' && run > 2)))
			return false;
	}
	return true;
}

/* HOST or HOST:PORT; only a first part with '.' or ':', or localhost, is. */
static bool is_registry(struct slice part)
{
	return memchr(part.at, '.', part.len) ||
	       memchr(part.at, ':', part.len) || slice_eq(part, "localhost");
}

static bool is_registry_valid(struct slice part)
{
	struct slice port = part;
	struct slice host;

	slice_cut(&host, &port, ':');
	if (!host.len || !is_alnum(host.at[0]) ||
	    !is_alnum(host.at[host.len - 1]))
		return false;
	for (size_t i = 0; i < host.len; i++)
		if (!is_alnum(host.at[i]) && host.at[i] != '.' &&
		    host.at[i] != '-')
			return false;
	if (host.len == part.len)
		return true;
	for (size_t i = 0; i < port.len; i++)
		if (port.at[i] < '0' || port.at[i] > '9')
			return false;
	return port.len > 0 && port.len <= 5;
}

static bool is_image_name(struct slice name)
{
	struct slice rest = name;
	struct slice part;
	bool is_first = true;

	if (!name.len || name.len > IMAGE_NAME_MAX ||
	    name.at[name.len - 1] == '/')
		return false;
	while (slice_cut(&part, &rest, '/')) {
		if (is_first && rest.len && is_registry(part)) {
			if (!is_registry_valid(part))
				return false;
		} else if (!is_repository_part(part)) {
			return false;
		}
		is_first = false;
	}
	return true;
}

int name_check_image(struct slice name, struct err *err)
{
	if (!is_image_name(name))
		return err_set(err, 0,
			       "'%.*s' is no image name (such as "
			       "localhost/hello)",
			       SLICE_ARGS(name));
	return 0;
}

int name_check_tag(struct slice tag, struct err *err)
{
	bool good = tag.len && tag.len <= TAG_MAX && tag.at[0] != '.' &&
		    tag.at[0] != '-';

	for (size_t i = 0; good && i < tag.len; i++)
		good = is_alnum(tag.at[i]) || tag.at[i] == '_' ||
		       tag.at[i] == '.' || tag.at[i] == '-';
	if (!good)
		return err_set(err, 0,
			       "'%.*s' is no tag (letters, digits, "
			       "'_', '.', '-')",
			       SLICE_ARGS(tag));
	return 0;
}

void name_reference(struct buf *out, const char *name, const char *tag)
{
	struct slice rest = slice_from(name);
	struct slice first;

	slice_cut(&first, &rest, '/');
	if (!rest.len)
		buf_text(out, "docker.io/library/");
	else if (!is_registry(first))
		buf_text(out, "docker.io/");
	buf_fmt(out, "%s:%s", name, tag);
}
