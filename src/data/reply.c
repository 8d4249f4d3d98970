#include "data/reply.h"

#include "data/digits.h"

enum { STATUS_AT = 9, STATUS_MIN = 100, STATUS_MAX = 599 };

/* N is a digit; a blank and the reason follow, or the line's end. */
static const char form[] = "HTTP/1.N NNN";

enum { FORM_LEN = sizeof(form) - 1 };

static bool has_form(struct slice bytes)
{
	for (size_t i = 0; i < bytes.len && i < FORM_LEN; i++) {
		unsigned int digit = (unsigned char)bytes.at[i] - '0';

		if (form[i] == 'N' ? digit > 9 : bytes.at[i] != form[i])
			return false;
	}
	return true;
}

static bool is_status(uint32_t status)
{
	return status - STATUS_MIN <= STATUS_MAX - STATUS_MIN;
}

/* With the empty line, or 0 while that is missing. */
static size_t head_len(struct slice bytes)
{
	size_t line = 0;

	for (size_t i = FORM_LEN; i < bytes.len && i < REPLY_HEAD_MAX; i++) {
		if (bytes.at[i] != '\n')
			continue;
		if (i - (bytes.at[i - 1] == '\r') == line)
			return i + 1;
		line = i + 1;
	}
	return 0;
}

enum reply_state reply_read(struct reply *out, struct slice bytes)
{
	const char *status = bytes.at + STATUS_AT;
	size_t len;

	if (!has_form(bytes))
		return REPLY_BAD;
	if (bytes.len <= FORM_LEN)
		return REPLY_MORE;
	out->status = digits_take(&status, 10);
	if (!is_status(out->status) ||
	    (*status != ' ' && *status != '\r' && *status != '\n'))
		return REPLY_BAD;
	len = head_len(bytes);
	if (!len)
		return bytes.len < REPLY_HEAD_MAX ? REPLY_MORE : REPLY_BAD;
	out->body = (struct slice){ bytes.at + len, bytes.len - len };
	if (out->body.len > REPLY_BODY_MAX)
		out->body.len = REPLY_BODY_MAX;
	return REPLY_HEAD;
}

bool reply_holds(const struct reply *reply, const char *text)
{
	struct slice rest = reply->body;

	while (!slice_has_prefix(rest, text)) {
		if (!rest.len)
			return false;
		rest = (struct slice){ rest.at + 1, rest.len - 1 };
	}
	return true;
}

int reply_is_among(const char *list, uint32_t status)
{
	int found = 0;

	do {
		uint32_t from = digits_take(&list, 10);
		uint32_t to = from;

		if (*list == '-') {
			list++;
			to = digits_take(&list, 10);
		}
		if (!is_status(from) || !is_status(to) || from > to)
			return -1;
		found |= status >= from && status <= to;
	} while (*list++ == ',');
	return list[-1] ? -1 : found;
}
