#include "init/options.h"

#include "base/err.h"
#include "base/num.h"
#include "data/signal.h"
#include "init/personality.h"

/* The next argument, and where in a group of letters parsing stands. */
struct parser {
	struct options *out;
	char **arg;
	struct err *err;
};

static int add_setting(struct parser *p, char letter, struct slice key,
		       char *value)
{
	struct options *out = p->out;

	if (out->setting_count == OPTIONS_SETTINGS_MAX)
		return err_set(p->err, 0, "-%c: more than %d", letter,
			       OPTIONS_SETTINGS_MAX);
	out->settings[out->setting_count++] = (struct options_setting){
		.letter = letter,
		.key = key,
		.value = value,
	};
	return 0;
}

static int take_setting(struct parser *p, char *text)
{
	const char *end = text ? slice_find(slice_from(text), '=') : NULL;

	if (!text)
		return err_set(p->err, 0, "-o: needs Key=Value");
	if (!end || end == text)
		return err_set(p->err, 0, "-o %s: not Key=Value", text);
	struct slice key = { text, (size_t)(end - text) };

	return add_setting(p, 'o', key, text + key.len + 1);
}

static int take_signal(struct parser *p, const char *name)
{
	int sig = signal_number(slice_from(name));

	if (sig < 0)
		return err_set(p->err, 0, "-p: '%s' is not a signal", name);
	p->out->behaviour.death_signal = (uint8_t)sig;
	return 0;
}

/* Options that a value follows; text is NULL where there is none. */
static int take_value(struct parser *p, int what, char *text)
{
	if (what == OPTION_SETTING)
		return take_setting(p, text);
	if (!text)
		return err_set(p->err, 0, "%s: needs a value", p->arg[-1]);
	if (what == OPTION_REWRITE)
		return add_setting(p, 'r', SLICE("RewriteSignal"), text);
	if (what == OPTION_SUCCESS)
		return add_setting(p, 'e', SLICE("SuccessExitStatus"), text);
	return take_signal(p, text);
}

/* A flat switch. */
static void take_flag(struct options *out, int what)
{
	struct behaviour *behaviour = &out->behaviour;

	switch (what) {
	case OPTION_GROUP:
		behaviour->to_group = true;
		break;
	case OPTION_CHILD:
		behaviour->to_group = false;
		behaviour->session = BEHAVIOUR_SESSION_SAME;
		break;
	case OPTION_ADOPT:
		behaviour->adopts = true;
		break;
	case OPTION_REAPING:
		behaviour->notes_reaping = true;
		break;
	case OPTION_VERBOSE:
		behaviour->verbosity++;
		break;
	case OPTION_TRACE:
		behaviour->verbosity = BEHAVIOUR_TRACE;
		break;
	case OPTION_PAUSE:
		behaviour->pauses = true;
		break;
	case OPTION_HELP:
		out->help = true;
		break;
	case OPTION_VERSION:
		out->version = true;
		break;
	default:
		out->license = true;
	}
}

static int unknown(const struct parser *p)
{
	/* The pause container knows no arguments and minds none. */
	if (p->out->behaviour.pauses)
		return 0;
	return err_set(p->err, 0, "%s: unknown option", p->arg[-1]);
}

/* -gwp SIGNAL: letters together; a value ends them, or is what follows. */
static int take_letters(struct parser *p, char *at)
{
	for (; *at; at++) {
		int what = personality_letter(p->out->as, *at);

		if (what < 0)
			return unknown(p);
		if (what < OPTION_VALUED) {
			take_flag(p->out, what);
			continue;
		}
		char *value = at[1] ? at + 1 : *p->arg;

		if (!at[1] && value)
			p->arg++;
		return take_value(p, what, value);
	}
	return 0;
}

/* --name, --name VALUE or --name=VALUE. */
static int take_word(struct parser *p, char *at)
{
	struct slice value = slice_from(at);
	struct slice name;

	slice_cut(&name, &value, '=');
	int what = personality_word(p->out->as, name);
	bool is_joined = at[name.len] == '=';

	if (what < 0 || (is_joined && what < OPTION_VALUED))
		return unknown(p);
	if (what < OPTION_VALUED) {
		take_flag(p->out, what);
		return 0;
	}
	char *text = is_joined ? at + name.len + 1 : *p->arg;

	if (!is_joined && text)
		p->arg++;
	return take_value(p, what, text);
}

static void take_variable(struct options *out, const char *assignment)
{
	const char *value;
	int what = personality_variable(out->as, assignment, &value);
	uint32_t level;

	if (what == OPTION_VERBOSITY) {
		if (num_u32(&level, slice_from(value)))
			out->behaviour.verbosity =
				(uint8_t)(level < BEHAVIOUR_TRACE
						  ? level
						  : BEHAVIOUR_TRACE);
	} else if (what >= 0) {
		take_flag(out, what);
	}
}

int options_parse(struct options *out, char **argv, char **envp,
		  struct err *err)
{
	struct parser p = { out, argv + 1, err };

	*out = (struct options){ .as = personality_of(argv[0] ? argv[0] : "") };
	out->behaviour = out->as->behaviour;
	if (!argv[0])
		return err_set(err, 0, "started without a name");
	/* What is about init begins with one of these, and little else does. */
	for (; *envp; envp++)
		if (**envp == 'T' || **envp == 'D' || **envp == 'C')
			take_variable(out, *envp);
	while (*p.arg && (*p.arg)[0] == '-' && (*p.arg)[1]) {
		char *at = *p.arg++;

		if (strcmp(at, "--") == 0)
			break;
		if ((at[1] == '-' ? take_word(&p, at + 2)
				  : take_letters(&p, at + 1)) < 0)
			return -1;
	}
	out->command = p.arg;
	return 0;
}
