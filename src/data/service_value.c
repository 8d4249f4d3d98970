/* How the value of each kind of key is read. */
#include "data/service.h"

#include "base/err.h"
#include "base/num.h"
#include "data/service_key.h"
#include "data/signal.h"
#include "data/url.h"

static int parse_id(struct service_id *id, char *text, struct err *err)
{
	uint32_t nr;

	if (!*text)
		return err_set(err, 0, "empty name");
	if (num_u32(&nr, slice_from(text))) {
		/* (uid_t)-1 means "leave as it is" to the kernel. */
		if (nr == UINT32_MAX)
			return err_set(err, 0, "%s: not a valid id", text);
		*id = (struct service_id){ .is_set = true, .id = nr };
		return 0;
	}
	if (text[0] >= '0' && text[0] <= '9')
		return err_not(err, text, "a number or a name");
	for (const char *p = text; *p; p++)
		if (*p <= ' ' || *p == ':' || *p == '/' || *p == 127)
			return err_not(err, text, "a name");
	*id = (struct service_id){ .is_set = true, .name = text };
	return 0;
}

/* USER or USER:GROUP. */
static int set_user(struct service *service, char *value, struct err *err)
{
	char *colon = strchr(value, ':');

	if (colon) {
		*colon = '\0';
		if (parse_id(&service->group, colon + 1, err) < 0)
			return -1;
	}
	return parse_id(&service->user, value, err);
}

static int set_groups(struct service *service, char *value, struct err *err)
{
	char *word;
	int got;

	if (!*value) {
		service->group_count = 0;
		return 0;
	}
	while ((got = service_take_word(&word, &value)) > 0) {
		if (service->group_count == SERVICE_GROUPS_MAX)
			return err_set(err, 0, "more than %d groups",
				       SERVICE_GROUPS_MAX);
		if (parse_id(&service->groups[service->group_count], word,
			     err) < 0)
			return -1;
		service->group_count++;
	}
	return got < 0 ? err_set(err, 0, "an open quote") : 0;
}

static bool parse_bound(uint64_t *out, struct slice text,
			enum service_kind kind)
{
	if (slice_eq(text, "infinity")) {
		*out = UINT64_MAX;
		return true;
	}
	if (kind == KIND_LIMIT_SIZE)
		return num_size(out, text) && *out != UINT64_MAX;
	return num_u64(out, text) && *out != UINT64_MAX;
}

/*
 * From here on each returns what the value is not, or NULL for a good one.
 * The first: VALUE, or SOFT:HARD.
 */
static const char *set_limit(struct service_limit *limit, const char *value,
			     enum service_kind kind)
{
	struct slice hard = slice_from(value);
	struct slice soft;
	struct service_limit new = { .is_set = true };
	bool has_both = slice_find(hard, ':');

	if (has_both)
		slice_cut(&soft, &hard, ':');
	if (!parse_bound(&new.hard, hard, kind) ||
	    (has_both && !parse_bound(&new.soft, soft, kind)))
		return "a limit (N, SOFT:HARD or infinity)";
	if (!has_both)
		new.soft = new.hard;
	if (new.soft > new.hard)
		return "a limit: soft is above hard";
	*limit = new;
	return NULL;
}

static const char *set_path(char **path, char *value)
{
	if (value[0] != '/')
		return SERVICE_NO_PATH;
	*path = value;
	return NULL;
}

static const char *set_umask(struct service *service, const char *value)
{
	uint32_t mask;

	if (!num_octal(&mask, slice_from(value)) || mask > 0777)
		return "an octal mask";
	service->umask = mask;
	service->has_umask = true;
	return NULL;
}

static const char *set_signal(uint8_t *out, const char *value)
{
	int sig = signal_number(slice_from(value));

	if (sig < 0)
		return "a signal";
	*out = (uint8_t)sig;
	return NULL;
}

/* As KIND_BOOL, or as an enum service_said, which has a third value. */
static const char *set_bool(uint8_t *out, const char *value,
			    enum service_kind kind)
{
	bool is_yes;

	if (!num_bool(&is_yes, slice_from(value)))
		return "yes or no";
	*out = (uint8_t)(is_yes + (kind == KIND_SAID ? SERVICE_NO : 0));
	return NULL;
}

static const char *set_span(uint64_t *ms, const char *value,
			    enum service_kind kind)
{
	if (!num_span_ms(ms, slice_from(value)))
		return "a time span";
	/* As systemd: no time at all would make little sense. */
	if (kind == KIND_TIMEOUT && *ms == 0)
		*ms = UINT64_MAX;
	return NULL;
}

/* The others return 0, or -1 with *err. */
static int set_url(char **out, char *value, struct err *err)
{
	struct url url = { 0 };

	if (url_parse(&url, value, err) < 0)
		return -1;
	*out = value;
	return 0;
}

static int set_keys(uint8_t *bits, char *value, enum service_kind kind,
		    struct err *err)
{
	struct slice rest = slice_from(value);
	struct slice word;
	struct service_key key;

	while (slice_word(&word, &rest)) {
		int i = service_key_find(&key, word, err);

		if (i < 0)
			return -1;
		if (kind == KIND_BEST_EFFORT &&
		    !(key.later & LATER_BEST_EFFORT))
			return err_set(err, 0, "%.*s: is held to in full",
				       SLICE_ARGS(word));
		bits[i / 8] |= (uint8_t)(1 << i % 8);
	}
	return 0;
}

/* FROM:TO, or FROM:ignore, a word each; dumb-init(1) writes 0 for ignore. */
static int set_rewrite(uint8_t *rewrite, char *value, struct err *err)
{
	struct slice rest = slice_from(value);
	struct slice word, from;

	while (slice_word(&word, &rest)) {
		struct slice to = word;

		slice_cut(&from, &to, ':');
		int a = signal_number(from);
		bool is_dropped = slice_eq(to, "ignore") || slice_eq(to, "0");
		int b = is_dropped ? SERVICE_IGNORE : signal_number(to);

		if (a < 0 || b < 0)
			return err_set(err, 0, "'%.*s' is not %s",
				       SLICE_ARGS(word),
				       "SIGNAL:SIGNAL or SIGNAL:ignore");
		rewrite[a] = (uint8_t)b;
	}
	return 0;
}

/* Exit codes, and signals for the codes that they end in. */
static int set_codes(uint8_t *codes, char *value, struct err *err)
{
	struct slice rest = slice_from(value);
	struct slice word;

	while (slice_word(&word, &rest)) {
		uint32_t code;

		if (!num_u32(&code, word)) {
			int sig = signal_number(word);

			code = sig < 0 ? SERVICE_CODES : 128 + (uint32_t)sig;
		}
		if (code >= SERVICE_CODES)
			return err_set(err, 0, "'%.*s' is not %s",
				       SLICE_ARGS(word),
				       "an exit code or a signal");
		codes[code / 8] |= (uint8_t)(1 << code % 8);
	}
	return 0;
}

/* A flat switch: a line for each kind. */
int service_set_value(struct service *service, const struct service_key *key,
		      char *value, struct err *err)
{
	void *at = (char *)service + key->at;
	const char *what;

	switch ((enum service_kind)key->kind) {
	case KIND_EXEC:
		return service_set_exec(at, value, err);
	case KIND_WORDS:
		return service_set_words(at, value, err);
	case KIND_LANDLOCK_PATHS:
	case KIND_LANDLOCK_PORTS:
		service->has_landlock = true;
		/* fall through */
	case KIND_ENVIRONMENT:
	case KIND_FILES:
	case KIND_SECRETS:
		return service_set_checked(at, value, key->kind, err);
	case KIND_USER:
		return set_user(service, value, err);
	case KIND_GROUP:
		return parse_id(at, value, err);
	case KIND_GROUPS:
		return set_groups(service, value, err);
	case KIND_URL:
		return set_url(at, value, err);
	case KIND_REWRITE:
		return set_rewrite(at, value, err);
	case KIND_CODES:
		return set_codes(at, value, err);
	case KIND_COMMANDS:
		return service_set_commands(at, value, err);
	case KIND_KEYS:
	case KIND_BEST_EFFORT:
		return set_keys(at, value, key->kind, err);
	case KIND_CAPABILITIES:
	case KIND_SECURE_BITS:
	case KIND_SCOPE:
		service->has_landlock |= key->kind == KIND_SCOPE;
		return service_set_bits(at, value, key->kind, err);
	case KIND_LIMIT:
	case KIND_LIMIT_SIZE:
		what = set_limit(&service->limits[key->at], value, key->kind);
		break;
	case KIND_PATH:
		what = set_path(at, value);
		break;
	case KIND_UMASK:
		what = set_umask(service, value);
		break;
	case KIND_SPAN:
	case KIND_TIMEOUT:
		what = set_span(at, value, key->kind);
		break;
	case KIND_BOOL:
	case KIND_SAID:
		what = set_bool(at, value, key->kind);
		break;
	case KIND_SIGNAL:
		what = set_signal(at, value);
		break;
	case KIND_COUNT:
		what = num_u32(at, slice_from(value)) ? NULL : "a number";
		break;
	case KIND_NICE:
	case KIND_OOM_SCORE:
		what = service_set_level(at, value, key->kind);
		break;
	default: /* the choices */
		what = service_set_choice(at, value, key->kind);
	}
	return what ? err_not(err, value, what) : 0;
}
