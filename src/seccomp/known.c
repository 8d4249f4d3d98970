#include "seccomp/known.h"

/*
 * All that NSS is for: what libc itself does by it for others, such as glob(3)
 * for a home, and what only others and Sun's RPC do. Tables of RPC's are in
 * every libc, and nobody gets to them but by its functions.
 */
static const char nss_reached[] =
	"getaddrinfo getgrent_r getgrgid_r getgrnam_r getgrouplist "
	"getpwent_r getpwnam_r getpwuid_r getservbyname_r getsgnam_r "
	"getspnam_r initgroups innetgr __nss_configure_lookup";
static const char nss_called[] =
	"authdes_create authdes_getucred authdes_pk_create callrpc "
	"clnt_create endaliasent endgrent endhostent endnetent endnetgrent "
	"endprotoent endpwent endrpcent endservent endsgent endspent "
	"ether_hostton ether_ntohost getaliasbyname getaliasbyname_r "
	"getaliasent getaliasent_r getgrent gethostbyaddr gethostbyaddr_r "
	"gethostbyname gethostbyname2 gethostbyname2_r gethostbyname_r "
	"gethostent gethostent_r gethostid getnameinfo getnetbyaddr "
	"getnetbyaddr_r getnetbyname getnetbyname_r getnetent getnetent_r "
	"getnetgrent getnetgrent_r getprotobyname getprotobyname_r "
	"getprotobynumber getprotobynumber_r getprotoent getprotoent_r "
	"getpublickey getpwent getrpcbyname getrpcbyname_r getrpcbynumber "
	"getrpcbynumber_r getrpcent getrpcent_r getrpcport getsecretkey "
	"getservbyport getservbyport_r getservent getservent_r getsgent "
	"getsgent_r getspent getspent_r key_decryptsession "
	"key_decryptsession_pk key_encryptsession key_encryptsession_pk "
	"key_get_conv key_secretkey_is_set key_setnet key_setsecret "
	"netname2user setaliasent setgrent sethostent setnetent "
	"setnetgrent setprotoent setpwent setrpcent setservent setsgent "
	"setspent svc_getreq svc_getreq_common svc_getreq_poll "
	"svc_getreqset svc_run __nss_database_get __nss_database_lookup "
	"__nss_group_lookup2 __nss_hosts_lookup2 __nss_lookup "
	"__nss_lookup_function __nss_next2 __nss_passwd_lookup2 "
	"__nss_services_lookup2";

static const char p11_choosers[] =
	"p11_kit_load_initialize_module p11_kit_module_load "
	"p11_kit_override_system_files";

static const char provider_choosers[] =
	"OSSL_PROVIDER_load OSSL_PROVIDER_load_ex OSSL_PROVIDER_try_load "
	"OSSL_PROVIDER_try_load_ex OSSL_PROVIDER_set_default_search_path "
	"DSO_load CONF_modules_load CONF_modules_load_file "
	"CONF_modules_load_file_ex OSSL_LIB_CTX_load_config "
	"OPENSSL_INIT_set_config_filename";
/* An engine's function for controls is what ENGINE_ctrl() calls. */
static const char engine_choosers[] =
	"ENGINE_by_id ENGINE_ctrl ENGINE_ctrl_cmd ENGINE_ctrl_cmd_string "
	"ENGINE_get_ctrl_function DSO_load CONF_modules_load "
	"CONF_modules_load_file CONF_modules_load_file_ex "
	"OSSL_LIB_CTX_load_config OPENSSL_INIT_set_config_filename";

const struct known known_all[] = {
	{ .module = "ld-linux",
	  .text = "/etc/ld.so.preload",
	  .kind = KNOWN_PRELOAD,
	  .what = "libraries of ld.so.preload" },
	{ .module = "libc.so.6",
	  .text = "/etc/nsswitch.conf",
	  .kind = KNOWN_NSS,
	  .what = "NSS modules of nsswitch.conf",
	  .reached = nss_reached,
	  .called = nss_called,
	  .choosers = "__nss_configure_lookup" },
	{ .module = "libc.so.6",
	  .text = "gconv-modules.cache",
	  .kind = KNOWN_GCONV,
	  .what = "gconv modules of other charsets",
	  .calls = "__assert_fail __cxa_finalize __gconv_transliterate "
		   "__stack_chk_fail __strcasecmp _dl_mcount_wrapper_check "
		   "__rawmemchr abort free malloc memcpy memmove memset "
		   "rawmemchr strcasecmp strcmp strlen" },
	/* To unwind a thread that is cancelled. */
	{ .module = "libc.so.6",
	  .text = "libgcc_s.so.1",
	  .kind = KNOWN_NAMES,
	  .what = "libgcc_s.so.1",
	  .names = "libgcc_s.so.1",
	  .calls = "__cxa_finalize __pthread_key_create _dl_find_object abort "
		   "calloc dl_iterate_phdr free malloc memcpy memset "
		   "pthread_getspecific pthread_key_create pthread_mutex_lock "
		   "pthread_mutex_unlock pthread_once pthread_setspecific "
		   "realloc strlen" },
	{ .module = "libcrypto.so.",
	  .text = "/ossl-modules",
	  .kind = KNOWN_OPENSSL,
	  .what = "providers of openssl.cnf",
	  .choosers = provider_choosers },
	{ .module = "libcrypto.so.",
	  .text = "/engines-3",
	  .kind = KNOWN_OPENSSL,
	  .what = "engines of openssl.cnf",
	  .choosers = engine_choosers },
	{ .module = "libcrypto.so.",
	  .text = "/engines-1.1",
	  .kind = KNOWN_OPENSSL,
	  .what = "engines of openssl.cnf",
	  .choosers = engine_choosers },
	/* A variable that only ever gets shorter: src/CrGlCur.c. */
	{ .module = "libX11.so.6",
	  .text = "libXcursor.so.1",
	  .kind = KNOWN_NAMES,
	  .what = "libXcursor",
	  .names = "libXcursor.so.1 libXcursor.so libXcursor" },
	{ .module = "libgio-2.0.so.0",
	  .text = "/gio/modules",
	  .kind = KNOWN_DIRECTORY,
	  .what = "GIO modules",
	  .choosers = "g_io_module_new g_io_modules_load_all_in_directory "
		      "g_io_modules_load_all_in_directory_with_scope "
		      "g_io_modules_scan_all_in_directory "
		      "g_io_modules_scan_all_in_directory_with_scope" },
	/* libpam/pam_handlers.c; in Debian there are two directories. */
	{ .module = "libpam.so.0",
	  .text = "/security/",
	  .kind = KNOWN_PAM,
	  .what = "PAM modules",
	  .choosers = "pam_start_confdir" },
	{ .module = "libpam.so.0",
	  .text = "/security",
	  .kind = KNOWN_DIRECTORY,
	  .what = "PAM modules" },
	/* lib/common.c: the variables, and beside them what holds without. */
	{ .module = "libsasl2.so.2",
	  .text = "SASL_PATH",
	  .kind = KNOWN_SASL,
	  .what = "SASL plugins",
	  .choosers = "sasl_set_path" },
	{ .module = "libsasl2.so.2",
	  .text = "SASL_CONF_PATH",
	  .kind = KNOWN_SASL_LIST,
	  .what = "SASL plugins that its configuration lists" },
	/* p11-kit/modules.c; those of a home are the user's. */
	{ .module = "libp11-kit.so.0",
	  .text = "/p11-kit/modules",
	  .kind = KNOWN_P11,
	  .what = "PKCS#11 modules",
	  .choosers = p11_choosers,
	  .chooser = "libgnutls.so.30" },
	{ .module = "libp11-kit.so.0",
	  .text = "/pkcs11/modules",
	  .kind = KNOWN_P11,
	  .what = "PKCS#11 modules",
	  .choosers = p11_choosers,
	  .chooser = "libgnutls.so.30" },
	/* shared/tpm2-util.c, tpm2_context_init(): a file's name, no path. */
	{ .module = "libsystemd-shared-",
	  .text = "libtss2-tcti-",
	  .kind = KNOWN_PATTERN,
	  .what = "ways to a TPM",
	  .names = "libtss2-tcti-*.so.0" },
	/* lib/pkcs11.c, compat_load(). */
	{ .module = "libgnutls.so.30",
	  .text = "/gnutls/pkcs11.conf",
	  .kind = KNOWN_GNUTLS,
	  .what = "PKCS#11 modules of gnutls",
	  .choosers = "gnutls_pkcs11_add_provider gnutls_pkcs11_init" },
	{ .module = "libcryptsetup.so.12",
	  .text = "/cryptsetup",
	  .kind = KNOWN_DIRECTORY,
	  .what = "token handlers of LUKS2",
	  .choosers = "crypt_token_set_external_path" },
};

const size_t known_count = sizeof(known_all) / sizeof(known_all[0]);

const struct known_lookup known_lookups[] = {
	/* gio/giomodule.c, load_symbols(): the star is from the file's name. */
	{ .module = "libgio-2.0.so.0",
	  .text = "g_io_",
	  .names = "g_io_*_load g_io_*_unload" },
	/* crypto/engine/eng_dyn.c: DYNAMIC_F1 and DYNAMIC_F2, set only once. */
	/* libpam/pam_handlers.c: of a table, by what a line is for. */
	{ .module = "libpam.so.0",
	  .text = "_pam_add_handler: NULL pam handle passed",
	  .names = "pam_sm_*" },
	/* lib/dlopen.c: from tables of sasl_server_init() and client's. */
	{ .module = "libsasl2.so.2",
	  .text = "no entryname in _sasl_locate_entry",
	  .names = "sasl_auxprop_plug_init sasl_canonuser_init "
		   "sasl_client_plug_init sasl_server_plug_init" },
	{ .module = "libcrypto.so.3",
	  .text = "engine/eng_dyn.c",
	  .names = "v_check bind_engine" },
	{ .module = "libcrypto.so.1.1",
	  .text = "engine/eng_dyn.c",
	  .names = "v_check bind_engine" },
};

const size_t known_lookup_count = sizeof(known_lookups) /
				  sizeof(known_lookups[0]);
