#include "data/service.h"

#include "base/err.h"
#include "data/ini.h"
#include "data/service_key.h"

#define LIMIT(name, nr)	  KEY(Limit##name, KIND_LIMIT, LATER_TIGHTER, nr)
#define LIMIT_B(name, nr) KEY(Limit##name, KIND_LIMIT_SIZE, LATER_TIGHTER, nr)
#define BEST(name, kind, at) \
	KEY(name, kind, LATER_TIGHTER | LATER_BEST_EFFORT, at)

/* Each name behind its length: pointers to them would take twice the room. */
#define KEY(name, kind, later, at)        \
	struct {                          \
		uint8_t len;              \
		char text[sizeof(#name)]; \
	} key_##name;
static const struct names {
#include "data/service_key.inc"
} names = {
#undef KEY
#define KEY(name, kind, later, at) { sizeof(#name) - 1, #name },
#include "data/service_key.inc"
};

#undef KEY
#define KEY(name, kind, later, at) { kind, later, at },
#define AT(field)		   offsetof(struct service, field)
static const struct {
	uint8_t kind;
	uint8_t later;
	uint16_t at;
} rows[] = {
#include "data/service_key.inc"
};

_Static_assert((int)SERVICE_KEYS <= (int)SERVICE_KEYS_MAX,
	       "a bit for each key");

/* The name behind this one. */
static const char *next(const char *name)
{
	return name + (uint8_t)name[-1] + 2; /* its zero, and a length */
}

static const char *first(void)
{
	return (const char *)&names + 1;
}

const char *service_key(size_t i)
{
	const char *name = first();

	if (i >= SERVICE_KEYS)
		return NULL;
	while (i--)
		name = next(name);
	return name;
}

static struct service_key row(size_t i, const char *name)
{
	return (struct service_key){
		.name = name,
		.kind = rows[i].kind,
		.later = rows[i].later,
		.at = rows[i].at,
	};
}

struct service_key service_key_at(size_t i)
{
	if (i >= SERVICE_KEYS)
		return (struct service_key){ 0 };
	return row(i, service_key(i));
}

int service_key_find(struct service_key *out, struct slice name,
		     struct err *err)
{
	const char *at = first();

	for (int i = 0; i < SERVICE_KEYS; i++, at = next(at)) {
		if (name.len != (uint8_t)at[-1] ||
		    memcmp(name.at, at, name.len) != 0)
			continue;
		*out = row((size_t)i, at);
		return i;
	}
	return err_set(err, 0, "%.*s: unknown key", SLICE_ARGS(name));
}

void service_start_defaults(struct service *service)
{
	service->timeout_start_ms = SERVICE_START_MS;
	service->restart_ms = SERVICE_RESTART_MS;
	service->start_limit_ms = SERVICE_START_LIMIT_MS;
	service->start_limit_burst = SERVICE_START_BURST;
}

void service_defaults(struct service *service)
{
	memset(service, 0, sizeof(*service));
	service->timeout_stop_ms = SERVICE_STOP_MS;
	service_start_defaults(service);
}

/* Whether Override= or BestEffort= has that row. */
static bool has_bit(const uint8_t *bits, int i)
{
	return bits[i / 8] >> i % 8 & 1;
}

bool service_is_best_effort(const struct service *service, int key)
{
	return has_bit(service->best_effort, key);
}

static int set_key(struct service *service, const struct service_key *key,
		   char *value, size_t len, struct err *err)
{
	value[len] = '\0';
	if (service_set_value(service, key, value, err) < 0)
		return err_wrap(err, "%s", key->name);
	return 0;
}

int service_set(struct service *service, struct slice name, char *value,
		size_t len, struct err *err)
{
	struct service_key key;

	if (service_key_find(&key, name, err) < 0)
		return -1;
	return set_key(service, &key, value, len, err);
}

static bool is_lower(const struct service_limit *was,
		     const struct service_limit *now)
{
	return !was->is_set ||
	       (now->soft <= was->soft && now->hard <= was->hard);
}

static bool is_same_ids(const struct service *was, const struct service *now)
{
	return was->user.is_set == now->user.is_set &&
	       was->user.id == now->user.id &&
	       was->group.is_set == now->group.is_set &&
	       was->group.id == now->group.id;
}

/* A user where the image names none, and not root. */
static bool is_first_user(const struct service *was, const struct service *now)
{
	return !was->user.is_set && !was->group.is_set && now->user.id != 0;
}

/*
 * What a list grants is said once: where the image says nothing, or "none" in
 * place of what it says.
 */
static bool is_first_list(const struct service_words *was,
			  const struct service_words *now)
{
	return !was->count || (now->count == 1 && now->at[0][0] == 'n');
}

/* flat switch: true when going from was to now keeps or tightens the sandbox. */
static bool is_tighter(const struct service *was, const struct service *now,
		       const struct service_key *key)
{
	const void *old = (const char *)was + key->at;
	const void *new = (const char *)now + key->at;
	const struct service_level *level = new;
	const struct service_bits *bits = new;

	switch ((enum service_kind)key->kind) {
	case KIND_LIMIT:
	case KIND_LIMIT_SIZE:
		return is_lower(&was->limits[key->at], &now->limits[key->at]);
	case KIND_UMASK:
		return (was->umask & ~now->umask) == 0;
	case KIND_BOOL:
		return !now->any_program || was->any_program;
	case KIND_CALL_LOG:
		return now->call_log != SERVICE_AUDIT;
	case KIND_USER:
	case KIND_GROUP:
		return is_same_ids(was, now) || is_first_user(was, now);
	case KIND_SAID:
		return now->no_new_privs != SERVICE_NO ||
		       was->no_new_privs == SERVICE_NO;
	case KIND_NICE:
	case KIND_OOM_SCORE:
		return level->value >=
		       ((const struct service_level *)old)->value;
	/* To have fewer is tighter; nothing said is none. */
	case KIND_CAPABILITIES:
		return !(bits->bits &
			 ~((const struct service_bits *)old)->bits);
	/*
	 * What holds where nothing is said is the tightest. no-setuid-fixup and
	 * keep-caps keep what a change of uid would take.
	 */
	case KIND_SECURE_BITS:
		return was->secure_bits.is_set &&
		       !(was->secure_bits.bits & ~bits->bits) &&
		       !(bits->bits & ~was->secure_bits.bits & 0x14);
	case KIND_SCOPE:
		return !(was->scope.bits & ~bits->bits);
	case KIND_LANDLOCK_PATHS:
	case KIND_LANDLOCK_PORTS:
		return is_first_list(old, new);
	default:
		return false;
	}
}

/*
 * Never part of its caller: what it holds on the stack would be a page more of
 * main's for as long as PID 1 lives.
 */
__attribute__((noinline)) int service_tighten(struct service *service,
					      struct slice name, char *value,
					      size_t len, struct err *err)
{
	struct service_key key;
	int i = service_key_find(&key, name, err);
	struct service was = *service;

	if (i < 0)
		return -1;
	const int later = key.later & LATER_MASK;
	bool is_open = has_bit(service->open, i);

	if (!is_open && later == LATER_NEVER)
		return err_set(err, 0, "%s: fixed when the image is built",
			       key.name);
	if (set_key(service, &key, value, len, err) < 0)
		return -1;
	if (!is_open && later == LATER_TIGHTER &&
	    !is_tighter(&was, service, &key)) {
		*service = was;
		return err_set(err, 0,
			       "%s: '%s' would loosen what the image "
			       "sets",
			       key.name, value);
	}
	return 0;
}

int service_check(const struct service *service, bool is_filtered,
		  struct err *err)
{
	if (service->no_new_privs == SERVICE_NO &&
	    (is_filtered || service->has_landlock))
		return err_set(err, 0,
			       "NoNewPrivileges: a filter and Landlock need "
			       "it");
	if (service->bounding.is_set &&
	    service->ambient.bits & ~service->bounding.bits)
		return err_set(err, 0,
			       "AmbientCapabilities: not within "
			       "CapabilityBoundingSet");
	if (service->type == SERVICE_NOTIFY && service->scope.bits & 1)
		return err_set(err, 0,
			       "LandlockScope: abstract-unix-socket closes the "
			       "socket of Type=notify");
	return 0;
}

static int parse_item(struct service *out, const struct ini_item *item,
		      uint8_t *seen, char *text, struct err *err)
{
	if (item->is_section) {
		if (slice_eq(item->key, "Service"))
			return 0;
		return err_set(err, 0, "[%.*s]: only [Service] belongs here",
			       SLICE_ARGS(item->key));
	}
	struct service_key key;
	int i = service_key_find(&key, item->key, err);

	if (i < 0)
		return -1;
	if (seen[i] && !service_key_is_list(key))
		return err_set(err, 0, "%s: given twice", key.name);
	seen[i] = 1;
	/* The item points into text, which the caller lets us rewrite. */
	return set_key(out, &key, text + (item->value.at - text),
		       item->value.len, err);
}

/* An audit opens the sandbox: nobody writes both of these by mistake. */
static int check_audit(const struct service *service, struct err *err)
{
	if (service->call_log != SERVICE_AUDIT)
		return 0;
	if (has_bit(service->open, SERVICE_KEY_SystemCallLog))
		return 0;
	return err_set(err, 0, "%s=audit: Override= has to list it, too",
		       service_key(SERVICE_KEY_SystemCallLog));
}

int service_parse(struct service *out, char *text, size_t len, struct err *err)
{
	service_defaults(out);
	return service_read(out, text, len, err);
}

int service_read(struct service *service, char *text, size_t len,
		 struct err *err)
{
	struct ini ini = ini_open((struct slice){ text, len });
	struct ini_item item;
	uint8_t seen[SERVICE_KEYS] = { 0 };
	bool in_section = false;
	int got;

	while ((got = ini_next(&item, &ini, err)) > 0) {
		in_section = in_section || item.is_section;
		if (!in_section)
			got = err_set(err, 0, "a key before [Service]");
		else
			got = parse_item(service, &item, seen, text, err);
		if (got < 0)
			break;
	}
	if (got < 0)
		return err_wrap(err, "line %u", ini.line);
	return check_audit(service, err);
}
