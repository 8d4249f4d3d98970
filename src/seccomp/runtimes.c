#include "seccomp/runtimes.h"

/* A function that only the runtime itself exports gives it away. */
static const struct {
	const char *function;
	const char *language;
} runtimes[] = {
	{ "Py_RunMain", "Python" },
	{ "Py_BytesMain", "Python" },
	{ "perl_run", "Perl" },
	{ "ruby_run_node", "Ruby" },
	{ "JNI_CreateJavaVM", "Java" },
	{ "JLI_Launch", "Java" },
	{ "_ZN4node5StartEiPPc", "JavaScript (Node.js)" },
	{ "_ZN2v82V810InitializeEi", "JavaScript (V8)" },
	{ "JS_NewContext", "JavaScript" },
	{ "JSEvaluateScript", "JavaScript" },
	{ "luaJIT_setmode", "LuaJIT" },
	{ "php_execute_script", "PHP" },
	{ "mono_jit_init", ".NET (Mono)" },
	{ "coreclr_initialize", ".NET" },
	{ "hostfxr_main", ".NET" },
	{ "erl_drv_init_ack", "Erlang" },
	{ "scm_boot_guile", "Guile" },
	{ "Rf_initEmbeddedR", "R" },
	{ "Tcl_Main", "Tcl" },
	{ "Tcl_CreateInterp", "Tcl" },
};

const char *runtimes_find(const struct program *program)
{
	for (size_t i = 0; i < sizeof(runtimes) / sizeof(runtimes[0]); i++)
		if (program_named(program, slice_from(runtimes[i].function),
				  NULL))
			return runtimes[i].language;
	return NULL;
}
