#include "seccomp/decode_x86.h"

#include <string.h>

static enum decode_flow flow_of_one(const struct insn *insn)
{
	uint8_t op = insn->opcode;

	if ((op & 0xf0) == 0x70 || (op & 0xfc) == 0xe0)
		return FLOW_BRANCH;
	switch (op) {
	case 0xe8:
		return FLOW_CALL;
	case 0xe9:
	case 0xeb:
		return FLOW_JUMP;
	case 0xc2:
	case 0xc3:
	case 0xca:
	case 0xcb:
	case 0xcf:
		return FLOW_RETURN;
	case 0xcc:
	case 0xf1:
	case 0xf4:
		return FLOW_STOP;
	case 0xcd:
		return (uint8_t)insn->imm == 0x80 ? FLOW_FOREIGN : FLOW_NEXT;
	case 0xc7: /* xbegin names where an abort goes on */
		return (insn->reg & 7) == 7 ? FLOW_BRANCH : FLOW_NEXT;
	case 0xff:
		switch (insn->reg & 7) {
		case 2:
		case 3:
			return FLOW_CALL_TO;
		case 4:
		case 5:
			return FLOW_JUMP_TO;
		default:
			return FLOW_NEXT;
		}
	default:
		return FLOW_NEXT;
	}
}

static enum decode_flow flow_of_0f(uint8_t op)
{
	if ((op & 0xf0) == 0x80)
		return FLOW_BRANCH;
	switch (op) {
	case 0x05:
		return FLOW_SYSCALL;
	case 0x34:
		return FLOW_FOREIGN;
	case 0x0b:
	case 0xb9:
	case 0xff:
		return FLOW_STOP;
	default:
		return FLOW_NEXT;
	}
}

enum decode_flow decode_x86_flow(const struct insn *insn)
{
	if (insn->encoding != ENCODING_LEGACY)
		return FLOW_NEXT;
	if (insn->map == MAP_ONE)
		return flow_of_one(insn);
	return insn->map == MAP_0F ? flow_of_0f(insn->opcode) : FLOW_NEXT;
}

bool decode_x86_is_padding(const struct insn *insn)
{
	if (insn->encoding != ENCODING_LEGACY)
		return false;
	if (insn->map == MAP_ONE)
		return insn->opcode == 0xcc ||
		       (insn->opcode == 0x90 && !(insn->rex & REX_B));
	return insn->map == MAP_0F && insn->opcode == 0x1f;
}

/* The byte first and one of two others behind it. */
static bool has_pair(const uint8_t *bytes, size_t len, uint8_t first,
		     uint8_t second, uint8_t other)
{
	const uint8_t *end = bytes + len;

	while ((bytes = memchr(bytes, first, (size_t)(end - bytes)))) {
		if (++bytes == end)
			return false;
		if (*bytes == second || *bytes == other)
			return true;
	}
	return false;
}

/* syscall, sysenter and int $0x80, whose bytes nothing can part. */
bool decode_x86_may_call(const uint8_t *bytes, size_t len)
{
	return has_pair(bytes, len, 0x0f, 0x05, 0x34) ||
	       has_pair(bytes, len, 0xcd, 0x80, 0x80);
}
