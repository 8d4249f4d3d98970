#include "seccomp/effect_x86_0f.h"

#include "seccomp/effect_x86.h"

/*
 * For each opcode behind 0f, sixteen a line:
 *	.  no general register; memory is read
 *	s  memory is written
 *	r  the register of reg		v  rm, or memory is written
 *	b  both of reg and rm, and memory
 *	a  rax, rcx, rdx and rm, and memory: the system instructions
 *	x  the register that the opcode names
 *	m  rm, or memory that the operand does not bound
 *	p  VIA's block instructions
 */
static const char legacy_0f[] = "aarr.a.........." /* 00 */
				".s.s...s......v."
				"vv.......s.srr.." /* 20 */
				"aaaaaaaa........"
				"................" /* 40 */
				"r..............."
				"................" /* 60 */
				"........vr....vs"
				"................" /* 80 */
				"................"
				"..a.vvpp..amvvmr" /* a0 */
				"bbrmrr..rrvmrrrr"
				"bb...r.axxxxxxxx" /* c0 */
				"......sr........"
				".......s........" /* e0 */
				".......m........";

static const char vex_0f[] = "................" /* 00 */
			     ".s.s...s........"
			     ".........s.srr.." /* 20 */
			     "................"
			     "................" /* 40 */
			     "r..............."
			     "................" /* 60 */
			     "........rr....vs"
			     "................" /* 80 */
			     ".s.r............"
			     "..............s." /* a0 */
			     "................"
			     ".....r.........." /* c0 */
			     "......sr........"
			     ".......s........" /* e0 */
			     ".......m........";

enum { SSE_BYTES = 16, VECTOR_BYTES = 64 };

static void write_memory(struct effect *out, const struct insn *insn)
{
	if (!insn->has_memory)
		return;
	out->store = STORE_OPERAND;
	out->store_width = insn->encoding == ENCODING_LEGACY &&
					   insn->map == MAP_0F
				   ? SSE_BYTES
				   : VECTOR_BYTES;
}

static void write_rm(struct effect *out, const struct insn *insn)
{
	if (!insn->has_memory)
		out->writes |= REG_BIT(insn->rm);
	write_memory(out, insn);
}

/* xsave and its kin write as much as the processor has. */
static bool writes_much(const struct insn *insn)
{
	return insn->has_memory && insn->map == MAP_0F &&
	       insn->encoding == ENCODING_LEGACY &&
	       (insn->opcode == 0xae || insn->opcode == 0xc7 ||
		insn->opcode == 0x01);
}

static void by_kind(struct effect *out, const struct insn *insn, char kind)
{
	static const uint32_t system = REG_BIT(REG_AX) | REG_BIT(REG_CX) |
				       REG_BIT(REG_DX) | REG_BIT(REG_BX);

	switch (kind) {
	case 's':
		write_memory(out, insn);
		break;
	case 'r':
		out->writes |= REG_BIT(insn->reg);
		break;
	case 'v':
		write_rm(out, insn);
		break;
	case 'b': /* cmpxchg changes rax too */
		out->writes |= REG_BIT(insn->reg) | REG_BIT(REG_AX);
		write_rm(out, insn);
		break;
	case 'a':
		out->writes |= system | REG_BIT(11);
		write_rm(out, insn);
		break;
	case 'x':
		out->writes |= REG_BIT((insn->opcode & 7) | (insn->rex & REX_B)
								    << 3);
		break;
	case 'p':
		out->writes |= system | REG_BIT(REG_SI) | REG_BIT(REG_DI);
		out->store = STORE_ANYWHERE;
		break;
	case 'm':
		out->store = STORE_ANYWHERE;
		write_rm(out, insn);
		break;
	default:
		break;
	}
	if (writes_much(insn))
		out->store = STORE_ANYWHERE;
}

/* Behind 0f 38: crc32, movbe, adcx; in VEX form the bit instructions. */
static char kind_38(const struct insn *insn)
{
	if (insn->opcode >= 0xe0)
		return insn->encoding == ENCODING_LEGACY && insn->opcode == 0xf8
			       ? 'm'
			       : 'b';
	return insn->encoding == ENCODING_LEGACY ? '.' : 's';
}

/* Behind 0f 3a: pextr and vextract to rm, pcmpestri to rcx, rorx to reg. */
static char kind_3a(const struct insn *insn)
{
	switch (insn->opcode) {
	case 0x14 ... 0x17:
		return 'v';
	case 0x61:
	case 0x63:
		return 'a';
	case 0xf0:
		return 'r';
	default:
		return insn->encoding == ENCODING_LEGACY ? '.' : 's';
	}
}

static char kind_of(const struct insn *insn)
{
	switch (insn->map) {
	case MAP_0F:
		return insn->encoding == ENCODING_LEGACY
			       ? legacy_0f[insn->opcode]
			       : vex_0f[insn->opcode];
	case MAP_38:
		return kind_38(insn);
	case MAP_3A:
		return kind_3a(insn);
	default: /* XOP, half precision: rare enough to give up on */
		return 'b';
	}
}

void effect_clobbers(struct effect *out, const struct insn *insn)
{
	by_kind(out, insn, kind_of(insn));
	/* The bit instructions of VEX form name a third register. */
	if (insn->encoding == ENCODING_VEX && insn->map != MAP_0F &&
	    (insn->map == MAP_OTHER || insn->opcode >= 0xe0))
		out->writes |= REG_BIT(insn->vvvv);
	/* Its displacement is multiplied by what only its detail tells. */
	if (insn->encoding == ENCODING_EVEX && out->store == STORE_OPERAND)
		out->store = STORE_ANYWHERE;
}
