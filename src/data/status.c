#include "data/status.h"

#include <stdint.h>
#include <sys/syscall.h>

#include "base/num.h"

enum { MASK_DIGITS = 16, SIGNALS_LAST = 64 };

/* The kernel writes the 64 bits as 16 digits. */
static bool read_mask(uint64_t *mask, struct slice text)
{
	return text.len == MASK_DIGITS && num_hex(mask, text);
}

bool status_takes_signal(struct slice text, int sig)
{
	struct slice line, name;
	uint64_t mask, taken = 0;

	if (sig < 1 || sig > SIGNALS_LAST)
		return false;
	while (slice_cut(&line, &text, '\n'))
		if (slice_cut(&name, &line, ':') &&
		    (slice_eq(name, "SigBlk") || slice_eq(name, "SigCgt")) &&
		    read_mask(&mask, slice_trim(line)))
			taken |= mask;
	return taken >> (sig - 1) & 1;
}

bool status_awaits_signals(struct slice text)
{
	/* Of this machine, of its 32-bit programs, and since time is wide. */
	static const uint32_t waits[] = { SYS_rt_sigtimedwait, 177, 421 };
	struct slice word;
	uint32_t number;

	if (!slice_word(&word, &text) || !num_u32(&number, word))
		return false;
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++)
		if (number == waits[i])
			return true;
	return false;
}
