/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/regex.h"

#include <stdlib.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum { PATTERN_MAX = 65536 };

struct prq_regex {
    pcre2_code *code;
    pcre2_match_data *match;
    pcre2_match_context *context;
    prq_bytes subject; /* of the last match; p == NULL: none */
};

void prq_regex_free(struct prq_regex *r)
{
    if (!r)
        return;
    pcre2_match_data_free(r->match);
    pcre2_match_context_free(r->context);
    pcre2_code_free(r->code);
    free(r);
}

static uint32_t options_of(uint32_t flags)
{
    /* A pattern may not turn on what would let it read past its limits or take bytes for UTF. */
    uint32_t options = PCRE2_NEVER_UTF | PCRE2_NEVER_UCP | PCRE2_NEVER_BACKSLASH_C;
    if (flags & PRQ_REGEX_CASELESS)
        options |= PCRE2_CASELESS;
    if (flags & PRQ_REGEX_DOTALL)
        options |= PCRE2_DOTALL;
    if (flags & PRQ_REGEX_MULTILINE)
        options |= PCRE2_MULTILINE;
    if (flags & PRQ_REGEX_ANCHORED)
        options |= PCRE2_ANCHORED;
    return options;
}

static bool compile_fail(int code, size_t at, struct prq_err *err)
{
    PCRE2_UCHAR text[120] = "";
    if (code == PCRE2_ERROR_HEAP_FAILED || code == PCRE2_ERROR_NOMEMORY)
        return prq_fail(err, PRQ_E_NOMEM, "no memory for a regular expression");
    pcre2_get_error_message(code, text, sizeof text);
    return prq_fail(err, PRQ_E_FORMAT, "regular expression: %s (byte %zu)", (const char *)text, at);
}

bool prq_regex_new(prq_str pattern, uint32_t flags, const struct prq_limits *limits,
                   struct prq_regex **out, struct prq_err *err)
{
    int code = 0;
    PCRE2_SIZE at = 0;
    if (pattern.n > PATTERN_MAX)
        return prq_fail(err, PRQ_E_LIMIT, "regular expression of %zu bytes", pattern.n);
    struct prq_regex *r = calloc(1, sizeof *r);
    if (!r)
        return prq_fail(err, PRQ_E_NOMEM, "no memory for a regular expression");
    const char *text = pattern.n ? pattern.p : "";
    r->code = pcre2_compile((PCRE2_SPTR)(const void *)text, pattern.n, options_of(flags), &code,
                            &at, NULL);
    if (!r->code) {
        prq_regex_free(r);
        return compile_fail(code, at, err);
    }
    r->match = pcre2_match_data_create_from_pattern(r->code, NULL);
    r->context = pcre2_match_context_create(NULL);
    if (!r->match || !r->context) {
        prq_regex_free(r);
        return prq_fail(err, PRQ_E_NOMEM, "no memory for a regular expression");
    }
    pcre2_set_match_limit(r->context, (uint32_t)limits->regex_steps);
    pcre2_set_depth_limit(r->context, (uint32_t)limits->regex_steps);
    pcre2_set_heap_limit(r->context, (uint32_t)(limits->regex_bytes >> 10));
    *out = r;
    return true;
}

enum prq_next prq_regex_find(struct prq_regex *r, prq_bytes subject, size_t from, size_t to,
                             struct prq_err *err)
{
    r->subject = (prq_bytes){ 0 };
    if (to > subject.n)
        to = subject.n;
    if (from > to)
        return PRQ_NEXT_END;
    const uint8_t *bytes = subject.p ? subject.p : (const uint8_t *)"";
    int n = pcre2_match(r->code, bytes, to, from, PCRE2_NO_UTF_CHECK, r->match, r->context);
    if (n == PCRE2_ERROR_NOMATCH)
        return PRQ_NEXT_END;
    if (n > 0) {
        r->subject = (prq_bytes){ bytes, to };
        return PRQ_NEXT_ITEM;
    }
    if (n == PCRE2_ERROR_MATCHLIMIT || n == PCRE2_ERROR_DEPTHLIMIT || n == PCRE2_ERROR_HEAPLIMIT)
        prq_fail_at(err, PRQ_E_LIMIT, from, "a regular expression takes too many steps here");
    else if (n == PCRE2_ERROR_NOMEMORY)
        prq_fail(err, PRQ_E_NOMEM, "no memory for a match");
    else
        prq_fail(err, PRQ_E_BUG, "matching a regular expression: error %d", n);
    return PRQ_NEXT_FAIL;
}

prq_str prq_regex_group(const struct prq_regex *r, uint32_t number)
{
    if (!r->subject.p || number >= pcre2_get_ovector_count(r->match))
        return (prq_str){ 0 };
    const PCRE2_SIZE *v = pcre2_get_ovector_pointer(r->match);
    PCRE2_SIZE start = v[2 * number], end = v[2 * number + 1];
    /* \K inside a lookahead can put the start behind the end. */
    if (start == PCRE2_UNSET || end > r->subject.n || start > end)
        return (prq_str){ 0 };
    return (prq_str){ (const char *)r->subject.p + start, end - start };
}

prq_str prq_regex_named(const struct prq_regex *r, const char *name)
{
    int number = pcre2_substring_number_from_name(r->code, (PCRE2_SPTR)(const void *)name);
    return number < 0 ? (prq_str){ 0 } : prq_regex_group(r, (uint32_t)number);
}

uint32_t prq_regex_group_count(const struct prq_regex *r)
{
    uint32_t n = 0;
    pcre2_pattern_info(r->code, PCRE2_INFO_CAPTURECOUNT, &n);
    return n;
}
