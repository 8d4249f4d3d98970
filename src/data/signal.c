#include "data/signal.h"

#include "base/num.h"

/* From 1 on, alike on all of pith's machines. */
static const char names[] =
	"HUP|INT|QUIT|ILL|TRAP|ABRT|BUS|FPE|KILL|USR1|SEGV|USR2|PIPE|ALRM|TERM|"
	"STKFLT|CHLD|CONT|STOP|TSTP|TTIN|TTOU|URG|XCPU|XFSZ|VTALRM|PROF|WINCH|"
	"IO|PWR|SYS";

enum { LAST = 64 };

int signal_number(struct slice text)
{
	uint32_t number;

	if (num_u32(&number, text))
		return number >= 1 && number <= LAST ? (int)number : -1;
	if (slice_has_prefix(text, "SIG"))
		text = (struct slice){ text.at + 3, text.len - 3 };
	int i = slice_choice(text, names);

	return i < 0 ? -1 : i + 1;
}
