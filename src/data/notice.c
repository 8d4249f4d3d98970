#include "data/notice.h"

#include <stddef.h>

#include "base/num.h"

/* A row that ends with '=' is followed by microseconds, the others by nothing. */
static const struct {
	char text[21];
	uint8_t what;
} rows[] = {
	{ "READY=1", NOTICE_READY },
	{ "STOPPING=1", NOTICE_STOPPING },
	{ "WATCHDOG=1", NOTICE_ALIVE },
	{ "WATCHDOG=trigger", NOTICE_STUCK },
	{ "EXTEND_TIMEOUT_USEC=", NOTICE_EXTEND },
	{ "WATCHDOG_USEC=", NOTICE_INTERVAL },
};

static void take_line(struct notice *out, struct slice line)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t len = strlen(rows[i].text);
		struct slice value = { line.at + len, line.len - len };
		uint64_t us = 0;

		if (!slice_has_prefix(line, rows[i].text))
			continue;
		if (rows[i].text[len - 1] == '=' ? !num_u64(&us, value)
						 : value.len)
			continue;
		out->what |= rows[i].what;
		uint64_t ms = us / 1000 + (us % 1000 != 0);

		if (rows[i].what == NOTICE_EXTEND)
			out->extend_ms = ms;
		else if (rows[i].what == NOTICE_INTERVAL)
			out->interval_ms = ms;
	}
}

struct notice notice_parse(struct slice text)
{
	struct notice out = { 0 };
	struct slice line;

	while (slice_cut(&line, &text, '\n'))
		take_line(&out, line);
	return out;
}
