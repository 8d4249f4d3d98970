#include "init/options.h"

#include "base/err.h"
#include "base/num.h"
#include "data/service.h"
#include "data/signal.h"
#include "init/personality.h"

struct parser {
	struct options *out;
	char **arg; /* the next one */
	struct err *err;
};

static int add_setting(struct parser *p, const char *by, struct slice key,
		       char *value)
{
	struct options *out = p->out;

	if (out->setting_count == OPTIONS_SETTINGS_MAX)
		return err_set(p->err, 0, "%s: more than %d", by,
			       OPTIONS_SETTINGS_MAX);
	out->settings[out->setting_count++] = (struct options_setting){
		.by = by,
		.key = key,
		.value = value,
	};
	return 0;
}

static int take_setting(struct parser *p, char *text)
{
	const char *end = slice_find(slice_from(text), '=');

	if (!end || end == text)
		return err_set(p->err, 0, "-o %s: not Key=Value", text);
	struct slice key = { text, (size_t)(end - text) };

	return add_setting(p, "-o", key, text + key.len + 1);
}

static int take_signal(struct parser *p, const char *name)
{
	int sig = signal_number(slice_from(name));

	if (sig < 0)
		return err_not(p->err, name, "a signal");
	p->out->behaviour.death_signal = (uint8_t)sig;
	return 0;
}

static int take_value(struct parser *p, int field, char *text)
{
	if (!text)
		return err_set(p->err, 0, "%s: needs a value", p->arg[-1]);
	switch (field) {
	case OPTION_SETTING:
		return take_setting(p, text);
	case OPTION_REWRITE:
		return add_setting(p, "-r", SLICE("RewriteSignal"), text);
	case OPTION_SUCCESS:
		return add_setting(p, "-e", SLICE("SuccessExitStatus"), text);
	default:
		return take_signal(p, text);
	}
}

static void take_flag(struct behaviour *behaviour, const struct option *option)
{
	uint8_t *at = (uint8_t *)behaviour + option->field;

	*at = option->value == OPTION_MORE ? *at + 1 : option->value;
}

/*
 * An option, or NULL where the personality has none of that name. Its value
 * is the text joined to it, or else the next argument.
 */
static int take(struct parser *p, const struct option *option, char *joined)
{
	if (!option) {
		/* The pause container knows no arguments and minds none. */
		if (p->out->behaviour.pauses)
			return 0;
		return err_set(p->err, 0, "%s: unknown option", p->arg[-1]);
	}
	if (option->field < OPTION_VALUED) {
		take_flag(&p->out->behaviour, option);
		return 0;
	}
	if (!joined && *p->arg)
		joined = *p->arg++;
	return take_value(p, option->field, joined);
}

/* -gwp SIGNAL: letters together; a value ends them, or is what follows. */
static int take_letters(struct parser *p, char *at)
{
	const struct option *option;

	do {
		option = personality_letter(p->out->as, *at++);
		if (take(p, option, *at ? at : NULL) < 0)
			return -1;
	} while (*at && option && option->field < OPTION_VALUED);
	return 0;
}

/* --name, --name VALUE or --name=VALUE. */
static int take_word(struct parser *p, char *at)
{
	struct slice value = slice_from(at);
	struct slice name;

	slice_cut(&name, &value, '=');
	const struct option *option = personality_word(p->out->as, name);
	char *joined = at[name.len] ? at + name.len + 1 : NULL;

	if (joined && option && option->field < OPTION_VALUED)
		option = NULL;
	return take(p, option, joined);
}

static void take_variable(struct options *out, const char *assignment)
{
	const char *value;
	const struct option *option = personality_variable(out->as, assignment,
							   &value);
	uint32_t level;

	if (!option)
		return;
	if (option->field < OPTION_VALUED)
		take_flag(&out->behaviour, option);
	else if (num_u32(&level, slice_from(value)))
		out->behaviour.verbosity = (uint8_t)level;
}

/* The key that is NAME in capitals, for NAME=...; or NULL. */
static const char *key_of(const char *assignment)
{
	const char *key;

	for (size_t i = 0; (key = service_key(i)); i++) {
		size_t at = 0;

		while (key[at] && (key[at] & ~0x20) == assignment[at])
			at++;
		if (!key[at] && assignment[at] == '=')
			return key;
	}
	return NULL;
}

/*
 * PITH_KEY=value is -o Key=value. Where no key has that name it is somebody
 * else's: Kubernetes makes PITH_PORT for a service that is called pith.
 */
static int take_key(struct parser *p, char *assignment)
{
	const char *key = key_of(assignment);

	if (!key || p->out->as->kind != PERSONALITY_PITH)
		return 0;
	struct slice name = slice_from(key);

	return add_setting(p, "PITH_", name, assignment + name.len + 1);
}

/*
 * One pass over the environment, which may be long: three letters say whether
 * a variable concerns init.
 */
static int read_environment(struct parser *p, char **envp)
{
	static const char prefix[] = "PITH_";
	size_t n = 0;

	p->out->listen_pid = SIZE_MAX;
	for (; envp[n]; n++) {
		char *at = envp[n];

		switch (at[0]) {
		case 'T':
		case 'D':
		case 'C':
			take_variable(p->out, at);
			break;
		case 'P':
			/* PATH is always there. */
			if (at[1] == prefix[1] &&
			    strncmp(at, prefix, sizeof(prefix) - 1) == 0 &&
			    take_key(p, at + sizeof(prefix) - 1) < 0)
				return -1;
			break;
		case 'L':
			if (strncmp(at, "LISTEN_PID=", 11) == 0)
				p->out->listen_pid = n;
			break;
		default:
			break;
		}
	}
	p->out->env_count = n;
	return 0;
}

int options_parse(struct options *out, char **argv, char **envp,
		  struct err *err)
{
	struct parser p = { out, argv + 1, err };

	out->as = personality_of(argv[0] ? argv[0] : "");
	out->behaviour = out->as->behaviour;
	if (!argv[0])
		return err_set(err, 0, "started without a name");
	if (read_environment(&p, envp) < 0)
		return -1;
	while (*p.arg && (*p.arg)[0] == '-' && (*p.arg)[1]) {
		char *at = *p.arg++;

		bool is_word = at[1] == '-';

		if (is_word && !at[2])
			break;
		if ((is_word ? take_word(&p, at + 2)
			     : take_letters(&p, at + 1)) < 0)
			return -1;
	}
	out->command = p.arg;
	/* Without a group of its own the child shares init's. */
	if (out->behaviour.session == BEHAVIOUR_SESSION_SAME)
		out->behaviour.to_group = false;
	return 0;
}
