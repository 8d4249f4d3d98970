#include "data/reply.h"

#include "base/num.h"
#include "data/digits.h"

enum { STATUS_MIN = 100, STATUS_MAX = 599 };

/* A digit and a blank, the status, and a blank or the line's end follow. */
static const char version[] = "HTTP/1.";

enum {
	MINOR_AT = sizeof(version) - 1,
	STATUS_AT = MINOR_AT + 2,
	STATUS_LEN = 3,
	AFTER_AT = STATUS_AT + STATUS_LEN,
};

/* Of more than AFTER_AT bytes. */
static bool read_status(uint32_t *out, const char *at)
{
	return memcmp(at, version, MINOR_AT) == 0 && at[MINOR_AT] >= '0' &&
	       at[MINOR_AT] <= '9' && at[MINOR_AT + 1] == ' ' &&
	       num_u32(out, (struct slice){ at + STATUS_AT, STATUS_LEN }) &&
	       (at[AFTER_AT] == ' ' || at[AFTER_AT] == '\r' ||
		at[AFTER_AT] == '\n');
}

/* With the empty line, or 0 while that is missing. */
static size_t head_len(struct slice bytes)
{
	size_t line = 0;

	for (size_t i = AFTER_AT; i < bytes.len && i < REPLY_HEAD_MAX; i++) {
		if (bytes.at[i] != '\n')
			continue;
		if (i - (bytes.at[i - 1] == '\r') == line)
			return i + 1;
		line = i + 1;
	}
	return 0;
}

int reply_read(struct reply *out, struct slice bytes)
{
	size_t len;

	if (bytes.len <= AFTER_AT)
		return 1;
	if (!read_status(&out->status, bytes.at))
		return -1;
	len = head_len(bytes);
	if (!len)
		return bytes.len < REPLY_HEAD_MAX ? 1 : -1;
	out->body = (struct slice){ bytes.at + len, bytes.len - len };
	if (out->body.len > REPLY_BODY_MAX)
		out->body.len = REPLY_BODY_MAX;
	return 0;
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

static bool is_status(uint32_t status)
{
	return status - STATUS_MIN <= STATUS_MAX - STATUS_MIN;
}

int reply_is_among(const char *list, uint32_t status)
{
	int found = 0;

	do {
		struct digits from = digits_take(list, 10);
		struct digits to = from;

		if (*from.after == '-')
			to = digits_take(from.after + 1, 10);
		if (!is_status(from.value) || !is_status(to.value) ||
		    from.value > to.value)
			return -1;
		found |= status >= from.value && status <= to.value;
		list = to.after;
	} while (*list++ == ',');
	return list[-1] ? -1 : found;
}
