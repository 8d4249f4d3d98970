/* The host-only half of service: it needs memory that grows. */
#include "data/service.h"

#include "base/buf.h"
#include "data/service_key.h"

enum { BITS_TEXT_MAX = 1024 }; /* all capabilities by name are 730 bytes */

void service_print_word(struct buf *out, const char *word)
{
	if (*word && !strpbrk(word, " \t\r\"'\\")) {
		buf_text(out, word);
		return;
	}
	buf_text(out, "\"");
	for (; *word; word++) {
		if (*word == '"' || *word == '\\')
			buf_text(out, "\\");
		buf_add(out, word, 1);
	}
	buf_text(out, "\"");
}

static void add_words(struct buf *out, const char *key,
		      const struct service_words *words)
{
	if (!words->count)
		return;
	buf_fmt(out, "%s=", key);
	for (size_t i = 0; i < words->count; i++) {
		buf_text(out, i ? " " : "");
		service_print_word(out, words->at[i]);
	}
	buf_text(out, "\n");
}

static void add_id(struct buf *out, const struct service_id *id)
{
	if (id->name)
		buf_text(out, id->name);
	else
		buf_fmt(out, "%u", id->id);
}

static void add_key_id(struct buf *out, const char *key,
		       const struct service_id *id)
{
	if (!id->is_set)
		return;
	buf_fmt(out, "%s=", key);
	add_id(out, id);
	buf_text(out, "\n");
}

static void add_groups(struct buf *out, const char *key,
		       const struct service *service)
{
	if (!service->group_count)
		return;
	buf_fmt(out, "%s=", key);
	for (size_t i = 0; i < service->group_count; i++) {
		buf_text(out, i ? " " : "");
		add_id(out, &service->groups[i]);
	}
	buf_text(out, "\n");
}

static void add_bound(struct buf *out, uint64_t bound)
{
	if (bound == UINT64_MAX)
		buf_text(out, "infinity");
	else
		buf_fmt(out, "%llu", (unsigned long long)bound);
}

static void add_limit(struct buf *out, const char *key,
		      const struct service_limit *limit)
{
	if (!limit->is_set)
		return;
	buf_fmt(out, "%s=", key);
	add_bound(out, limit->soft);
	if (limit->hard != limit->soft) {
		buf_text(out, ":");
		add_bound(out, limit->hard);
	}
	buf_text(out, "\n");
}

static void add_span(struct buf *out, const char *key, uint64_t ms,
		     uint64_t usual)
{
	if (ms == usual)
		return;
	buf_fmt(out, "%s=", key);
	add_bound(out, ms);
	buf_text(out, ms == UINT64_MAX ? "\n" : "ms\n");
}

static void add_path(struct buf *out, const char *key, const char *path)
{
	if (!path)
		return;
	buf_fmt(out, "%s=", key);
	buf_text(out, path);
	buf_text(out, "\n");
}

static void add_signal(struct buf *out, const char *key, uint8_t sig)
{
	if (sig)
		buf_fmt(out, "%s=%d\n", key, sig);
}

static void add_choice(struct buf *out, const struct service_key *key,
		       uint8_t value)
{
	struct slice rest = slice_from(service_choices(key->kind));
	struct slice choice = { 0 };

	if (!value)
		return;
	for (int i = 0; i <= value; i++)
		slice_cut(&choice, &rest, '|');
	buf_fmt(out, "%s=%.*s\n", key->name, SLICE_ARGS(choice));
}

/* All but a few have the last bit, which no choice has. */
static void add_bits(struct buf *out, const struct service_key *key,
		     const struct service_bits *bits)
{
	bool is_inverted = bits->bits >> 63;
	char text[BITS_TEXT_MAX];

	if (!bits->is_set)
		return;
	service_bits_text(text, sizeof(text),
			  is_inverted ? ~bits->bits : bits->bits, key->kind);
	buf_fmt(out, "%s=%s%s\n", key->name, is_inverted ? "~" : "", text);
}

static void add_level(struct buf *out, const char *key,
		      const struct service_level *level)
{
	if (level->is_set)
		buf_fmt(out, "%s=%d\n", key, level->value);
}

static void add_commands(struct buf *out, const char *key,
			 const struct service_words *words)
{
	const char *before = key;

	for (size_t i = 0; i < words->count; i++) {
		const char *word = words->at[i];

		buf_text(out, word ? before : "\n");
		if (word && before == key)
			buf_text(out, "=");
		if (word)
			service_print_word(out, word);
		before = word ? " " : key;
	}
}

static void add_keys(struct buf *out, const char *key, const uint8_t *bits)
{
	const char *before = "=";
	const char *name;

	for (size_t i = 0; (name = service_key(i)); i++) {
		if (!(bits[i / 8] >> i % 8 & 1))
			continue;
		if (*before == '=')
			buf_text(out, key);
		buf_fmt(out, "%s%s", before, name);
		before = " ";
	}
	if (*before == ' ')
		buf_text(out, "\n");
}

static void add_rewrite(struct buf *out, const char *key,
			const uint8_t *rewrite)
{
	const char *before = "=";

	for (int sig = 1; sig <= SERVICE_SIGNALS; sig++) {
		if (!rewrite[sig])
			continue;
		if (*before == '=')
			buf_text(out, key);
		if (rewrite[sig] == SERVICE_IGNORE)
			buf_fmt(out, "%s%d:ignore", before, sig);
		else
			buf_fmt(out, "%s%d:%d", before, sig, rewrite[sig]);
		before = " ";
	}
	if (*before == ' ')
		buf_text(out, "\n");
}

static void add_codes(struct buf *out, const char *key, const uint8_t *codes)
{
	const char *before = "=";

	for (int code = 0; code < SERVICE_CODES; code++) {
		if (!(codes[code / 8] >> code % 8 & 1))
			continue;
		if (*before == '=')
			buf_text(out, key);
		buf_fmt(out, "%s%d", before, code);
		before = " ";
	}
	if (*before == ' ')
		buf_text(out, "\n");
}

/* A flat switch: a line for each kind. */
static void add_key(struct buf *out, const struct service *service,
		    const struct service *usual, const struct service_key *key)
{
	const void *at = (const char *)service + key->at;
	const void *was = (const char *)usual + key->at;

	switch ((enum service_kind)key->kind) {
	case KIND_EXEC:
	case KIND_WORDS:
	case KIND_ENVIRONMENT:
	case KIND_FILES:
	case KIND_SECRETS:
	case KIND_LANDLOCK_PATHS:
	case KIND_LANDLOCK_PORTS:
		add_words(out, key->name, at);
		break;
	case KIND_USER:
	case KIND_GROUP:
		add_key_id(out, key->name, at);
		break;
	case KIND_GROUPS:
		add_groups(out, key->name, service);
		break;
	case KIND_LIMIT:
	case KIND_LIMIT_SIZE:
		add_limit(out, key->name, &service->limits[key->at]);
		break;
	case KIND_PATH:
	case KIND_URL:
		add_path(out, key->name, *(char *const *)at);
		break;
	case KIND_SPAN:
	case KIND_TIMEOUT:
		add_span(out, key->name, *(const uint64_t *)at,
			 *(const uint64_t *)was);
		break;
	case KIND_UMASK:
		if (service->has_umask)
			buf_fmt(out, "%s=0%o\n", key->name, service->umask);
		break;
	case KIND_BOOL:
		if (*(const bool *)at != *(const bool *)was)
			buf_fmt(out, "%s=%s\n", key->name,
				*(const bool *)at ? "yes" : "no");
		break;
	case KIND_SIGNAL:
		add_signal(out, key->name, *(const uint8_t *)at);
		break;
	case KIND_REWRITE:
		add_rewrite(out, key->name, at);
		break;
	case KIND_CODES:
		add_codes(out, key->name, at);
		break;
	case KIND_COMMANDS:
		add_commands(out, key->name, at);
		break;
	case KIND_COUNT:
		if (*(const uint32_t *)at != *(const uint32_t *)was)
			buf_fmt(out, "%s=%u\n", key->name,
				*(const uint32_t *)at);
		break;
	case KIND_KEYS:
	case KIND_BEST_EFFORT:
		add_keys(out, key->name, at);
		break;
	case KIND_SAID:
		if (*(const uint8_t *)at)
			buf_fmt(out, "%s=%s\n", key->name,
				*(const uint8_t *)at == SERVICE_YES ? "yes"
								    : "no");
		break;
	case KIND_NICE:
	case KIND_OOM_SCORE:
		add_level(out, key->name, at);
		break;
	case KIND_CAPABILITIES:
	case KIND_SECURE_BITS:
	case KIND_SCOPE:
		add_bits(out, key, at);
		break;
	case KIND_KILL_MODE:
	case KIND_TYPE:
	case KIND_RESTART:
	case KIND_LOG_LEVEL:
	case KIND_LOG_FORMAT:
	case KIND_CALL_LOG:
		add_choice(out, key, *(const uint8_t *)at);
		break;
	}
}

void service_print(struct buf *out, const struct service *service)
{
	struct service_key key;
	struct service usual;

	service_defaults(&usual);
	buf_text(out, "[Service]\n");
	for (size_t i = 0; (key = service_key_at(i)).name; i++)
		add_key(out, service, &usual, &key);
}
