#include "data/netlist.h"

#include "base/num.h"

/*
 *   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:0... 0 UID 0 INODE
 * Word 1 is the local address, 3 the state, 9 the inode.
 */
enum { LOCAL = 1, STATE = 3, INODE = 9, WORDS };

static bool lower(char *out, struct slice word)
{
	if (word.len > 16)
		return false;
	for (size_t i = 0; i < word.len; i++)
		out[i] = (char)(word.at[i] >= 'A' && word.at[i] <= 'F'
					? word.at[i] - 'A' + 'a'
					: word.at[i]);
	return true;
}

/* The kernel prints these in capitals. */
static bool read_hex(uint64_t *out, struct slice word)
{
	char text[16];

	return lower(text, word) &&
	       num_hex(out, (struct slice){ text, word.len });
}

static bool read_line(struct netlist_socket *out, struct slice line)
{
	struct slice words[WORDS];
	struct slice port;
	uint64_t number;

	for (int i = 0; i < WORDS; i++)
		if (!slice_word(&words[i], &line))
			return false;
	const char *colon = memrchr(words[LOCAL].at, ':', words[LOCAL].len);

	if (!colon)
		return false;
	port.at = colon + 1;
	port.len = words[LOCAL].len - (size_t)(port.at - words[LOCAL].at);
	if (!read_hex(&number, port) || number > UINT16_MAX ||
	    !read_hex(&out->state, words[STATE]) ||
	    !num_u64(&out->inode, words[INODE]))
		return false;
	out->port = (uint16_t)number;
	return true;
}

bool netlist_next(struct netlist_socket *out, struct slice *rest)
{
	struct slice line;

	while (slice_cut(&line, rest, '\n'))
		if (read_line(out, line))
			return true;
	return false;
}
