/* SPDX-License-Identifier: Apache-2.0 */
/* WWW-Authenticate: never more challenges than there is room for, no text longer than the value.
 * "registry\nrealm": a stranger's domain is trusted by nobody but its own. */
#include "fuzz.h"

#include "image/challenge.h"
#include "image/reference.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    prq_str value = { (const char *)data, size }, before, after;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(16));
    struct prq_challenge c[PRQ_CHALLENGES];
    size_t n = 0;
    if (!a)
        return 0;
    bool ok = prq_challenges_parse(value, a, c, PRQ_CHALLENGES, &n);
    FUZZ_CHECK(n <= PRQ_CHALLENGES);
    FUZZ_CHECK(!ok || n > 0 || prq_str_trim(value).n == 0 || prq_str_find(value, ',') < value.n);
    for (size_t i = 0; i < n; i++)
        FUZZ_CHECK(c[i].realm.n + c[i].service.n + c[i].scope.n + c[i].error.n <= size);
    if (prq_str_cut(value, '\n', &before, &after)) {
        bool trusted = prq_realm_is_trusted(before, after);
        FUZZ_CHECK(!trusted || (before.n && after.n));
        prq_str name = prq_host_name(before), tail = PRQ_S("evil.example");
        if (prq_realm_is_trusted(before, tail)) {
            FUZZ_CHECK(name.n >= tail.n);
            FUZZ_CHECK(prq_str_ieq(prq_str_from_at(name, name.n - tail.n), tail));
            FUZZ_CHECK(name.n == tail.n || name.p[name.n - tail.n - 1] == '.');
        }
    }
    return 0;
}
