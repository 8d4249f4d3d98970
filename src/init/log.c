#include "init/log.h"

#include <poll.h>
#include <stdint.h>
#include <unistd.h>

#include "base/fmt.h"

enum {
	TEXT_SIZE = 640,
	/* JSON may double what is quoted, and says some of it twice. */
	LINE_SIZE = 4 * TEXT_SIZE + 256,
};

/* Not passed along: whoever logs need not know what init stands in for. */
static struct {
	const char *name;
	unsigned int dropped;
	uint8_t most; /* enum log_level */
	bool is_json;
} speaker = { .name = "pith-init" };

void log_as(const char *name)
{
	speaker.name = name;
}

void log_shape(enum log_level most, bool is_json)
{
	speaker.most = (uint8_t)most;
	speaker.is_json = is_json;
}

/*
 * What a message quotes may hold anything; a line stays one line. A byte that
 * is not ASCII could make JSON that is not UTF-8.
 */
static char *add_text(char *out, const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		bool is_odd = c < ' ' || c == 127 ||
			      (c > 127 && speaker.is_json);

		if (speaker.is_json && (c == '"' || c == '\\'))
			*out++ = '\\';
		*out++ = is_odd ? '?' : *text;
	}
	return out;
}

/* ,"name":"text" or, for numbers, ,"name":text */
static char *add_key(char *out, const char *name, const char *text,
		     bool is_number)
{
	const char *quote = is_number ? "" : "\"";

	out += fmt(out, 16, ",\"%s\":%s", name, quote);
	out = add_text(out, text);
	return out + fmt(out, 2, "%s", quote);
}

static bool send(enum log_level level, const char *text,
		 const struct log_key *keys, const void *values)
{
	static const char levels[][8] = { "error", "warning", "info", "debug" };
	struct pollfd err = { .fd = STDERR_FILENO, .events = POLLOUT };
	char line[LINE_SIZE];
	char *end = line;

	if (speaker.is_json) {
		end += fmt(line, LINE_SIZE,
			   "{\"level\":\"%s\",\"program\":\"%s\"",
			   levels[level], speaker.name);
		for (; keys->name[0]; keys++)
			end = add_key(end, keys->name,
				      (const char *)values + keys->at,
				      keys->is_number);
		end = add_key(end, "message", text, false);
		*end++ = '}';
	} else {
		end += fmt(line, LINE_SIZE, "%s: ", speaker.name);
		end = add_text(end, text);
	}
	*end++ = '\n';
	/* A pipe that is ready takes PIPE_BUF bytes, and a line is shorter. */
	if (poll(&err, 1, 0) <= 0 ||
	    write(STDERR_FILENO, line, (size_t)(end - line)) < 0) {
		speaker.dropped++;
		return false;
	}
	return true;
}

static struct log_key none; /* for ever: as const it is in the file */

bool log_text(enum log_level level, const char *text,
	      const struct log_key *keys, const void *values)
{
	unsigned int lost = speaker.dropped;
	char first[32];

	if (level > speaker.most)
		return true;
	if (lost) {
		fmt(first, sizeof(first), "%u lines lost", lost);
		speaker.dropped = 0;
		/* Still no room: that line, those, and this one. */
		if (!send(LOG_WARNING, first, &none, "")) {
			speaker.dropped = lost + 1;
			return false;
		}
	}
	return send(level, text, keys, values);
}

bool log_line(enum log_level level, const char *format, ...)
{
	char text[TEXT_SIZE];
	va_list args;

	/* Before all the work: most lines are not wanted. */
	if (level > speaker.most)
		return true;
	va_start(args, format);
	fmt_v(text, sizeof(text), format, args);
	va_end(args);
	return log_text(level, text, &none, "");
}
