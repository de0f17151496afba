// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>
#include "crypto/gcrypt_init.h"

/* Deeper than libgcrypt's calls go; smaller than any thread's stack. */
#define BURN_SIZE (24u * 1024)

/*
 * memcpy() leaves what it copied in vector registers, and the dynamic linker saves all of them on
 * the stack when a function of a lazily bound library is called for the first time.
 */
#if defined(__x86_64__)
#define LOW_REGISTERS                                                                              \
	"xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10",   \
		"xmm11", "xmm12", "xmm13", "xmm14", "xmm15"
#define ZERO(n) __asm__ volatile("vpxord %%zmm" #n ", %%zmm" #n ", %%zmm" #n ::: "xmm" #n)

__attribute__((target("avx512f"))) static void burn_high_registers(void)
{
	ZERO(16);
	ZERO(17);
	ZERO(18);
	ZERO(19);
	ZERO(20);
	ZERO(21);
	ZERO(22);
	ZERO(23);
	ZERO(24);
	ZERO(25);
	ZERO(26);
	ZERO(27);
	ZERO(28);
	ZERO(29);
	ZERO(30);
	ZERO(31);
}

__attribute__((target("avx"))) static void burn_low_registers(void)
{
	__asm__ volatile("vzeroall" ::: LOW_REGISTERS);
}

static void burn_registers(void)
{
	if (__builtin_cpu_supports("avx"))
		burn_low_registers();
	if (__builtin_cpu_supports("avx512f"))
		burn_high_registers();
}
#else
/* Without a way to say so in C: other content takes the place of the old. */
static void burn_registers(void)
{
	static const char zeros[256];
	char copy[256];

	memcpy(copy, zeros, sizeof(copy));
	__asm__ volatile("" ::"r"(copy) : "memory");
}
#endif

__attribute__((noinline)) void cdisk_burn_stack(void)
{
	char used[BURN_SIZE];

	explicit_bzero(used, sizeof(used));
	burn_registers();
}
