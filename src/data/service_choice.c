/* Kinds of key whose values are words of a list, and numbers with a sign. */
#include "data/service.h"

#include "base/err.h"
#include "base/fmt.h"
#include "base/num.h"
#include "data/service_key.h"

#define PREFIX "CAP_"

/* By number, without PREFIX (linux/capability.h). */
static const char capabilities[] =
	"CHOWN|DAC_OVERRIDE|DAC_READ_SEARCH|FOWNER|FSETID|KILL|SETGID|SETUID|"
	"SETPCAP|LINUX_IMMUTABLE|NET_BIND_SERVICE|NET_BROADCAST|NET_ADMIN|"
	"NET_RAW|IPC_LOCK|IPC_OWNER|SYS_MODULE|SYS_RAWIO|SYS_CHROOT|"
	"SYS_PTRACE|SYS_PACCT|SYS_ADMIN|SYS_BOOT|SYS_NICE|SYS_RESOURCE|"
	"SYS_TIME|SYS_TTY_CONFIG|MKNOD|LEASE|AUDIT_WRITE|AUDIT_CONTROL|"
	"SETFCAP|MAC_OVERRIDE|MAC_ADMIN|SYSLOG|WAKE_ALARM|BLOCK_SUSPEND|"
	"AUDIT_READ|PERFMON|BPF|CHECKPOINT_RESTORE";

const char *service_choices(enum service_kind kind)
{
	static const char secure_bits[] =
		"noroot|noroot-locked|no-setuid-fixup|no-setuid-fixup-locked|"
		"keep-caps|keep-caps-locked";
	static const char restarts[] = "no|on-success|on-failure|on-abnormal|"
				       "on-watchdog|on-abort|always";
	static const char *const choices[] = {
		capabilities,
		secure_bits,
		"abstract-unix-socket|signal",
		"all|mixed|process",
		"simple|exec|notify",
		restarts,
		"|error|warning|info|debug",
		"text|json",
		"denials|none|audit",
	};

	return choices[kind - KIND_CAPABILITIES];
}

void service_bits_text(char *out, size_t cap, uint64_t bits,
		       enum service_kind kind)
{
	const char *prefix = kind == KIND_CAPABILITIES ? PREFIX : "";
	struct slice rest = slice_from(service_choices(kind));
	struct slice choice;
	size_t len = 0;

	out[0] = '\0';
	for (; slice_cut(&choice, &rest, '|'); bits >>= 1)
		if (bits & 1)
			len += fmt(out + len, cap - len, "%s%s%.*s",
				   len ? " " : "", prefix, SLICE_ARGS(choice));
}

const char *service_set_choice(uint8_t *out, const char *value,
			       enum service_kind kind)
{
	const char *choices = service_choices(kind);
	int i = slice_choice(slice_from(value), choices);

	if (i < 0)
		return choices;
	*out = (uint8_t)i;
	return NULL;
}

/*
 * As systemd merges them: ~ means all but these, which are taken away from
 * what former lines gave; the first line, and one without words, replaces.
 */
int service_set_bits(struct service_bits *bits, const char *value,
		     enum service_kind kind, struct err *err)
{
	bool is_inverted = kind == KIND_CAPABILITIES && *value == '~';
	struct slice rest = slice_from(value + is_inverted);
	struct slice word;
	uint64_t sum = 0;

	while (slice_word(&word, &rest)) {
		struct slice name = word;

		if (kind == KIND_CAPABILITIES &&
		    slice_has_prefix(word, PREFIX)) {
			name.at += sizeof(PREFIX) - 1;
			name.len -= sizeof(PREFIX) - 1;
		} else if (kind == KIND_CAPABILITIES) {
			name.len = 0;
		}
		int i = slice_choice(name, service_choices(kind));

		if (i < 0)
			return err_set(err, 0, "'%.*s' is not %s",
				       SLICE_ARGS(word),
				       kind == KIND_CAPABILITIES
					       ? "a capability"
					       : service_choices(kind));
		sum |= UINT64_C(1) << i;
	}
	if (is_inverted)
		sum = ~sum;
	if (!bits->is_set || !sum || sum == UINT64_MAX)
		bits->bits = sum;
	else if (is_inverted)
		bits->bits &= sum;
	else
		bits->bits |= sum;
	bits->is_set = true;
	return 0;
}

const char *service_set_level(struct service_level *level, const char *value,
			      enum service_kind kind)
{
	const bool is_nice = kind == KIND_NICE;
	const uint32_t lowest = is_nice ? 20 : 1000;
	const bool is_negative = *value == '-';
	uint32_t number;

	if (!num_u32(&number, slice_from(value + is_negative)) ||
	    number > lowest - (is_nice && !is_negative))
		return is_nice ? "-20 to 19" : "-1000 to 1000";
	level->is_set = true;
	level->value = (int16_t)(is_negative ? -(int)number : (int)number);
	return NULL;
}
