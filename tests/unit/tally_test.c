#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <asm/ioctls.h>
#include <cmocka.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "arch/arch.h"
#include "base/buf.h"
#include "base/err.h"
#include "seccomp/tally.h"

static void call(struct tally *tally, const char *name, uint64_t arg0,
		 uint64_t arg1)
{
	struct tally_event event = {
		.audit = tally->arch->audit,
		.nr = (uint32_t)arch_syscall_nr(tally->arch, slice_from(name)),
		.args = { arg0, arg1 },
	};
	struct tally_call *row = tally_add(tally, &event);

	assert_non_null(row);
	if (!row->first)
		tally_set_first(row, slice_from(name));
}

static struct tally *new_tally(void)
{
	struct tally *tally = malloc(sizeof(*tally));
	struct err err;

	assert_int_equal(tally_init(tally, &arch_x86_64, &err), 0);
	return tally;
}

static void drop(struct tally *tally)
{
	tally_free(tally);
	free(tally);
}

static void assert_line(const struct tally *tally, const char *line,
			bool is_there)
{
	auto_buf struct buf out = { 0 };

	tally_print(&out, tally);
	if ((strstr(out.at, line) != NULL) != is_there)
		fail_msg("'%s' in:\n%s", line, out.at);
}

static void what_was_called_is_allowed(void **state)
{
	struct tally *tally = new_tally();
	struct policy policy, expected;
	struct err err;

	(void)state;
	call(tally, "read", 0, 0);
	call(tally, "read", 0, 0);
	call(tally, "clone3", 0, 0);
	policy_init(&policy, &arch_x86_64);
	expected = policy;
	assert_int_equal(tally_allow(&policy, tally, &err), 0);
	policy_add(&expected, SLICE("read"), &err);
	policy_add(&expected, SLICE("clone"), &err);
	assert_memory_equal(&policy, &expected, sizeof(policy));
	assert_int_equal(tally_count(tally, "read"), 2);
	assert_int_equal(tally_count(tally, "write"), 0);
	assert_int_equal(tally->total, 3);
	drop(tally);
}

static void what_a_filter_refuses_all_the_same_is_said(void **state)
{
	struct tally *tally = new_tally();

	(void)state;
	call(tally, "ioctl", 0, TCGETS);
	assert_line(tally, "refused", false);
	call(tally, "ioctl", 0, TIOCSTI | 1ULL << 32);
	assert_line(tally, "1 refused by every filter", true);
	call(tally, "execve", 0, 0);
	assert_line(tally, "needs AllowExec=yes", true);
	call(tally, "clone3", 0, 0);
	assert_line(tally, "gets ENOSYS", true);
	drop(tally);
	/* A policy with seccomp in it has no guard on prctl. */
	tally = new_tally();
	call(tally, "prctl", PR_SET_SECCOMP, 0);
	assert_line(tally, "1 refused", true);
	call(tally, "seccomp", 0, 0);
	assert_line(tally, "refused", false);
	drop(tally);
}

static void what_is_no_call_of_ours_is_kept_apart(void **state)
{
	struct tally *tally = new_tally();
	const struct tally_event others[] = {
		{ .audit = 0x40000003, .nr = 20 },
		{ .audit = arch_x86_64.audit, .nr = 0x40000000 | 39 },
		{ .audit = arch_x86_64.audit, .nr = 5000 },
		{ .audit = arch_x86_64.audit, .nr = UINT32_MAX },
		{ .audit = arch_aarch64.audit, .nr = 63 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_non_null(tally_add(tally, &others[i]));
	assert_int_equal(tally->other_count, 5);
	assert_line(tally, "# i386:20 ", true);
	assert_line(tally, "# x32:39 ", true);
	assert_line(tally, "# 5000 ", true);
	assert_line(tally, "# aarch64:63 ", true);
	for (uint32_t nr = 6000; nr < 8000; nr++)
		tally_add(tally,
			  &(struct tally_event){ .audit = arch_x86_64.audit,
						 .nr = nr });
	assert_int_equal(tally->other_count, TALLY_OTHERS_MAX);
	assert_int_equal(tally->total, 2005);
	drop(tally);
}

/* A program's path may hold a newline, and a policy behind it. */
static void a_comment_stays_a_comment(void **state)
{
	struct tally *tally = new_tally();
	struct policy policy, empty;
	auto_buf struct buf out = { 0 };
	struct err err;

	(void)state;
	call(tally, "read", 0, 0);
	tally_set_first(&tally->calls[0], SLICE("a\nptrace\r\x1b[2J\x80"));
	tally_print(&out, tally);
	assert_non_null(strstr(out.at, "a?ptrace??[2J?\n"));
	policy_init(&policy, &arch_x86_64);
	policy_init(&empty, &arch_x86_64);
	assert_int_equal(policy_parse(&policy, buf_slice(&out), &err), 0);
	assert_memory_equal(&policy, &empty, sizeof(policy));
	drop(tally);
}

static void what_a_policy_lacks_is_marked(void **state)
{
	struct tally *tally = new_tally();
	struct policy before, after;
	auto_buf struct buf canonical = { 0 };
	struct err err;

	(void)state;
	policy_init(&before, &arch_x86_64);
	assert_int_equal(policy_parse(&before,
				      SLICE("read\nsocket: domain == "
					    "AF_INET\n"),
				      &err),
			 0);
	tally->before = &before;
	call(tally, "read", 0, 0);
	call(tally, "socket", AF_INET, 0);
	assert_line(tally, "new", false);
	assert_line(tally, "conditions", false);
	call(tally, "write", 0, 0);
	call(tally, "socket", AF_UNIX, 0);
	assert_line(tally, "1  write  new\n", true);
	assert_line(tally, "2  socket  1 not as the policy's conditions", true);
	/* The union keeps the condition. */
	policy_copy(&after, &before);
	assert_int_equal(tally_allow(&after, tally, &err), 0);
	policy_print(&canonical, &after);
	assert_non_null(strstr(canonical.at, "socket: "));
	assert_non_null(strstr(canonical.at, "write\n"));
	policy_free(&after);
	policy_free(&before);
	drop(tally);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_called_is_allowed),
		cmocka_unit_test(what_a_filter_refuses_all_the_same_is_said),
		cmocka_unit_test(what_is_no_call_of_ours_is_kept_apart),
		cmocka_unit_test(a_comment_stays_a_comment),
		cmocka_unit_test(what_a_policy_lacks_is_marked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
