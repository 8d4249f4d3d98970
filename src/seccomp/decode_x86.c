#include "seccomp/decode_x86.h"

#include <endian.h>
#include <string.h>

#include "seccomp/decode_x86_shape.inc"
#include "seccomp/machine.h"

/* The bytes not yet read. ok turns false, for good, when they run out. */
struct reader {
	const uint8_t *at;
	size_t left;
	bool ok;
};

static uint8_t peek(const struct reader *in)
{
	return in->left ? *in->at : 0;
}

static uint8_t take(struct reader *in)
{
	if (!in->left) {
		in->ok = false;
		return 0;
	}
	in->left--;
	return *in->at++;
}

/* A little-endian number of 0 to 8 bytes, sign-extended. */
static int64_t take_signed(struct reader *in, unsigned size)
{
	const uint8_t *at = in->at;
	uint32_t low;
	uint64_t all;

	if (in->left < size) {
		in->ok = false;
		return 0;
	}
	in->at += size;
	in->left -= size;
	switch (size) {
	case 0:
		return 0;
	case 1:
		return (int8_t)at[0];
	case 2:
		return (int16_t)(at[0] | at[1] << 8);
	case 4:
		memcpy(&low, at, sizeof(low));
		return (int32_t)le32toh(low);
	case 8:
		memcpy(&all, at, sizeof(all));
		return (int64_t)le64toh(all);
	default: /* enter's three bytes */
		return (int32_t)((uint32_t)at[0] << 8 | (uint32_t)at[1] << 16 |
				 (uint32_t)at[2] << 24) >>
		       8;
	}
}

enum { IS_PREFIX = 0x40, IS_REX = 0x80 };

/* enum decode_prefix, and what kind of byte it is; 0: none of these. */
static const uint8_t prefix_bytes[256] = {
	[0x40 ... 0x4f] = IS_REX,
	[0x66] = IS_PREFIX | PREFIX_OPSIZE,
	[0x67] = IS_PREFIX | PREFIX_ADDRSIZE,
	[0xf2] = IS_PREFIX | PREFIX_REPNE,
	[0xf3] = IS_PREFIX | PREFIX_REP,
	[0x64] = IS_PREFIX | PREFIX_SEGMENT,
	[0x65] = IS_PREFIX | PREFIX_SEGMENT,
	/* lock, and the segments that 64-bit code ignores */
	[0xf0] = IS_PREFIX,
	[0x26] = IS_PREFIX,
	[0x2e] = IS_PREFIX,
	[0x36] = IS_PREFIX,
	[0x3e] = IS_PREFIX,
};

/* A REX byte counts only where it directly precedes the opcode. */
static void read_prefixes(struct insn *out, struct reader *in)
{
	for (; in->left; in->left--, in->at++) {
		uint8_t kind = prefix_bytes[*in->at];

		if (!kind)
			return;
		out->has_rex = kind & IS_REX;
		out->rex = out->has_rex ? *in->at & 0xf : 0;
		out->prefixes |= kind & (IS_PREFIX - 1);
	}
}

/* The two prefix bits of the VEX kinds, as the prefixes they stand for. */
static uint8_t prefix_of_pp(uint8_t pp)
{
	static const uint8_t bits[] = { 0, PREFIX_OPSIZE, PREFIX_REP,
					PREFIX_REPNE };

	return bits[pp & 3];
}

static void set_map(struct insn *out, uint8_t map)
{
	out->map = map >= 1 && map <= 3 ? map : MAP_OTHER;
}

/* The byte with W, vvvv and pp that C4, XOP and EVEX share. */
static void read_vvvv(struct insn *out, uint8_t byte)
{
	out->rex |= byte & 0x80 ? REX_W : 0;
	out->vvvv = ~byte >> 3 & 0xf;
	out->prefixes |= prefix_of_pp(byte);
}

/* Returns the table's number as encoded. */
static uint8_t read_vex3(struct insn *out, struct reader *in)
{
	uint8_t first = take(in);

	out->encoding = ENCODING_VEX;
	out->rex = ~first >> 5 & 7;
	read_vvvv(out, take(in));
	set_map(out, first & 0x1f);
	return first & 0x1f;
}

static void read_vex2(struct insn *out, struct reader *in)
{
	uint8_t first = take(in);

	out->encoding = ENCODING_VEX;
	read_vvvv(out, first & 0x7f);
	out->rex = first & 0x80 ? 0 : REX_R;
	out->map = MAP_0F;
}

/* Registers 16 to 31 are vectors' only, so their extra bits are dropped. */
static uint8_t read_evex(struct insn *out, struct reader *in)
{
	uint8_t first = take(in);

	out->encoding = ENCODING_EVEX;
	out->rex = ~first >> 5 & 7;
	read_vvvv(out, take(in));
	take(in);
	set_map(out, first & 7);
	return first & 7;
}

static char legacy_shape(struct insn *out, struct reader *in)
{
	uint8_t byte = take(in);

	if (byte != 0x0f) {
		out->opcode = byte;
		return shape_one[byte];
	}
	byte = take(in);
	if (byte == 0x38 || byte == 0x3a) {
		out->map = byte == 0x38 ? MAP_38 : MAP_3A;
		out->opcode = take(in);
		return out->map == MAP_38 ? 'm' : 'M';
	}
	out->map = MAP_0F;
	out->opcode = byte;
	return shape_0f[byte];
}

/* Tables of the VEX kinds: 1 to 3 as of old, XOP's 8 to 10, EVEX's 5 and 6. */
static char vex_shape(const struct insn *insn, uint8_t map)
{
	switch (map) {
	case 1:
		if (insn->encoding == ENCODING_VEX && insn->opcode == 0x77)
			return '-';
		return shape_0f[insn->opcode] == 'M' ? 'M' : 'm';
	case 2:
	case 5:
	case 6:
	case 9:
		return 'm';
	case 3:
	case 8:
		return 'M';
	case 10:
		return 'Z';
	default:
		return 'x';
	}
}

static char read_opcode(struct insn *out, struct reader *in)
{
	uint8_t byte = peek(in);
	/* XOP shares its first byte with pop, whose next byte has reg 0. */
	bool is_xop = byte == 0x8f && in->left > 1 && (in->at[1] & 0x1f) >= 8;
	uint8_t map = 1;

	if (byte != 0xc4 && byte != 0xc5 && byte != 0x62 && !is_xop)
		return legacy_shape(out, in);
	if (out->has_rex)
		return 'x';
	take(in);
	if (byte == 0xc5)
		read_vex2(out, in);
	else
		map = byte == 0x62 ? read_evex(out, in) : read_vex3(out, in);
	out->opcode = take(in);
	return vex_shape(out, map);
}

static void read_sib(struct insn *out, struct reader *in)
{
	uint8_t sib = take(in);
	uint8_t index = (uint8_t)((sib >> 3 & 7) | (out->rex & REX_X) << 2);

	out->scale = (uint8_t)(1 << (sib >> 6));
	out->index = index == 4 ? DECODE_NONE : index;
	out->base = (uint8_t)((sib & 7) | (out->rex & REX_B) << 3);
	if ((sib & 7) == 5 && out->mod == 0)
		out->base = DECODE_NONE;
}

static void read_memory(struct insn *out, struct reader *in)
{
	unsigned size = out->mod == 1 ? 1 : out->mod == 2 ? 4 : 0;

	out->has_memory = true;
	if ((out->rm & 7) == 4) {
		read_sib(out, in);
		if (out->base == DECODE_NONE)
			size = 4;
	} else if (out->mod == 0 && (out->rm & 7) == 5) {
		out->base = DECODE_RIP;
		size = 4;
	} else {
		out->base = out->rm;
	}
	out->disp = take_signed(in, size);
}

/* mov to and from control and debug registers ignores mod. */
static bool is_register_only(const struct insn *insn)
{
	return insn->encoding == ENCODING_LEGACY && insn->map == MAP_0F &&
	       insn->opcode >= 0x20 && insn->opcode <= 0x23;
}

static void read_modrm(struct insn *out, struct reader *in)
{
	uint8_t byte = take(in);

	out->has_modrm = true;
	out->mod = byte >> 6;
	out->reg = (uint8_t)((byte >> 3 & 7) | (out->rex & REX_R) << 1);
	out->rm = (uint8_t)((byte & 7) | (out->rex & REX_B) << 3);
	if (is_register_only(out))
		out->mod = 3;
	if (out->mod != 3)
		read_memory(out, in);
}

static bool has_modrm(char shape)
{
	return shape == 'm' || shape == 'M' || shape == 'Z' || shape == 'G' ||
	       shape == 'H';
}

/* extrq and insertq (SSE4a) alone have two immediate bytes after ModRM. */
static bool has_two_bytes(const struct insn *insn)
{
	return insn->encoding == ENCODING_LEGACY && insn->map == MAP_0F &&
	       insn->opcode == 0x78 &&
	       (insn->prefixes & (PREFIX_OPSIZE | PREFIX_REPNE));
}

static unsigned imm_size(const struct insn *insn, char shape)
{
	bool is_narrow = insn->prefixes & PREFIX_OPSIZE && !(insn->rex & REX_W);
	unsigned full = is_narrow ? 2 : 4;

	switch (shape) {
	case '1':
	case 'M':
	case 'j':
		return 1;
	case '2':
		return 2;
	case 'e':
		return 3;
	case '4':
	case 'Z':
		return full;
	case 'J': /* 66 does not narrow jumps: Intel's choice, not AMD's */
		return 4;
	case '8':
		return insn->rex & REX_W ? 8 : full;
	case 'a':
		return insn->prefixes & PREFIX_ADDRSIZE ? 4 : 8;
	case 'G':
		return (insn->reg & 7) < 2 ? 1 : 0;
	case 'H':
		return (insn->reg & 7) < 2 ? full : 0;
	default:
		return has_two_bytes(insn) ? 2 : 0;
	}
}

/* Forms that every processor refuses: they tell data from code. */
static bool is_refused(const struct insn *insn)
{
	uint8_t reg = insn->reg & 7;

	if (insn->encoding != ENCODING_LEGACY || insn->map != MAP_ONE)
		return false;
	switch (insn->opcode) {
	case 0x8d:
		return insn->mod == 3;
	case 0x8f:
		return reg != 0;
	case 0xc6:
	case 0xc7:
		return reg != 0 &&
		       !(reg == 7 && insn->mod == 3 && (insn->rm & 7) == 0);
	case 0xfe:
		return reg > 1;
	case 0xff:
		return reg == 7 || (insn->mod == 3 && (reg == 3 || reg == 5));
	default:
		return false;
	}
}

/* What all machines' instructions have, out of the parts just read. */
static void finish(struct insn *out)
{
	bool is_one = out->encoding == ENCODING_LEGACY && out->map == MAP_ONE;

	out->flow = decode_x86_flow(out);
	if (is_one && out->opcode == 0xff && !out->has_memory)
		out->to = out->rm;
	out->is_address = is_one && out->opcode == 0x8d;
	out->is_thread = out->prefixes & PREFIX_SEGMENT;
	out->is_short = out->prefixes & PREFIX_ADDRSIZE;
	out->has_wide_disp = out->has_memory && out->mod == 2;
}

bool decode_x86(struct insn *out, const uint8_t *bytes, size_t len)
{
	struct reader in = { bytes, len < DECODE_LEN_MAX ? len : DECODE_LEN_MAX,
			     true };

	*out = (struct insn){ .machine = &machine_x86_64,
			      .to = DECODE_NONE,
			      .base = DECODE_NONE,
			      .index = DECODE_NONE,
			      .scale = 1 };
	read_prefixes(out, &in);
	char shape = read_opcode(out, &in);

	if (shape == 'x' || shape == 'p')
		return false;
	if (has_modrm(shape))
		read_modrm(out, &in);
	out->imm_size = (uint8_t)imm_size(out, shape);
	out->imm = take_signed(&in, out->imm_size);
	out->len = (uint8_t)(in.at - bytes);
	finish(out);
	return in.ok && !is_refused(out);
}
