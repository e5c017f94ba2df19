/* SPDX-License-Identifier: Apache-2.0 */
/* The readers of Oracle, Amazon, SUSE, Photon, Azure Linux, Ubuntu (VEX), Arch, Chainguard and of
 * end-of-life data. Excerpts of the real feeds, or of the documented shape where a test says so. */
#include "db/db_test.h"
#include "db/feedrow.h"
#include "db/xmlslice.h"
#include "io/source.h"
#include "shared.h"

static prq_bytes bytes_of(const char *text)
{
    return (prq_bytes){ (const uint8_t *)text, strlen(text) };
}

/* ---- Amazon */

/* amazon/2/core and amazon/2/extras/kernel-5.15, shortened. */
static const char updateinfo[] =
    "<?xml version=\"1.0\"?>\n<updates>\n"
    "<update author=\"linux-security@amazon.com\" status=\"final\" type=\"security\">"
    "<id>ALAS2-2018-939</id><title>Amazon Linux 2 2017.12 - ALAS2-2018-939: critical priority "
    "package update for kernel</title><issued date=\"2018-01-11 21:05\"/>"
    "<updated date=\"2018-01-16 01:28\"/><severity>critical</severity><description>text &amp;#039;"
    "</description><references><reference href=\"http://cve.mitre.org/cgi-bin/cvename.cgi?name="
    "CVE-2017-5715\" id=\"CVE-2017-5715\" title=\"\" type=\"cve\"/><reference href=\"http://x/\" "
    "id=\"CVE-2017-5754\" type=\"cve\"/></references><pkglist><collection short=\"amazon-linux-2\">"
    "<name>Amazon Linux 2</name><package arch=\"x86_64\" epoch=\"0\" name=\"kernel\" "
    "release=\"38.79.amzn2\" version=\"4.9.76\"><filename>f</filename></package>"
    "<package arch=\"i686\" epoch=\"0\" name=\"kernel\" release=\"38.79.amzn2\" version=\"4.9.76\"/>"
    "<package arch=\"noarch\" epoch=\"1\" name=\"kernel-doc\" release=\"1\" version=\"2\"/>"
    "<package arch=\"src\" epoch=\"1\" name=\"kernel-src\" release=\"1\" version=\"2\"/>"
    "</collection></pkglist></update>\n"
    "<!-- <update> -->"
    "<update type=\"security\"><id>ALAS2KERNEL-5.15-2022-001</id><severity>important</severity>"
    "<references><reference id=\"CVE-2022-1055\" type=\"cve\"/></references><pkglist><collection>"
    "<package arch=\"x86_64\" epoch=\"0\" name=\"kernel\" release=\"20.123.amzn2\" "
    "version=\"5.15.43\"/></collection></pkglist></update>\n"
    "<update type=\"security\"><id>ALAS2PHP8.1-2023-001</id>"
    "<references><reference id=\"CVE-2023-0001\" type=\"cve\"/></references><pkglist><collection>"
    "<package arch=\"x86_64\" epoch=\"0\" name=\"php\" release=\"1.amzn2\" version=\"8.1.20\"/>"
    "<package arch=\"x86_64\" epoch=\"0\" name=\"php-pecl-zip\" release=\"1.amzn2\" "
    "version=\"1.21.1\"/></collection></pkglist></update>\n"
    "<update type=\"security\"><id>no packages</id></update></updates>\n";

static void test_amazon(void **state)
{
    (void)state;
    struct capture c;
    struct prq_feed_sink sink = capture_open(&c);
    struct prq_err err = PRQ_ERR_INIT;
    if (!prq_amazon_parse(bytes_of(updateinfo), PRQ_S("Amazon Linux:2"), c.a, &sink, &err))
        fail_msg("%s", err.text);
    assert_int_equal(c.records, 3);
    assert_int_equal(c.skipped, 1);
    capture_has(&c, "{\"affected\":[{\"advisories\":[\"ALAS2-2018-939\"],\"arches\":[\"i686\","
                    "\"x86_64\"],\"name\":\"kernel\",\"ranges\":[[\"introduced\",\"0\",\"fixed\","
                    "\"4.9.76-38.79.amzn2\"]],\"space\":\"Amazon Linux:2\",\"state\":\"fixed\"},"
                    "{\"advisories\":[\"ALAS2-2018-939\"],\"name\":\"kernel-doc\",\"ranges\":"
                    "[[\"introduced\",\"0\",\"fixed\",\"1:2-1\"]]");
    capture_has(&c, "\"cves\":[\"CVE-2017-5715\",\"CVE-2017-5754\"]");
    capture_has(&c, "\"modified\":\"2018-01-16T01:28:00Z\",\"published\":\"2018-01-11T21:05:00Z\","
                    "\"ratings\":[{\"scheme\":\"word\",\"source\":\"amazon\",\"value\":"
                    "\"critical\"}]");
    /* An advisory of a kernel line is about that line (matching.md 5.5); so is one of any topic,
     * where the fix is of the line. */
    capture_has(&c, "\"introduced\",\"5.15\",\"fixed\",\"5.15.43-20.123.amzn2\"");
    capture_has(&c, "\"introduced\",\"8.1\",\"fixed\",\"8.1.20-1.amzn2\"");
    capture_has(&c, "\"introduced\",\"0\",\"fixed\",\"1.21.1-1.amzn2\"");
    capture_lacks(&c, "kernel-src");
    capture_close(&c);
}

static void test_amazon_malformed(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum prq_code code;
    } cases[] = {
        { "", PRQ_E_FORMAT },
        { "text", PRQ_E_FORMAT },
        { "<updates/>", PRQ_E_NONE },
        { "<updates></updates>", PRQ_E_NONE },
        { "<updates><update><id>a</id>", PRQ_E_FORMAT },
        { "<updates><update", PRQ_E_FORMAT },
        { "<updates><update><id>a</update></id></updates>", PRQ_E_FORMAT },
        { "<updates></updates><updates/>", PRQ_E_FORMAT },
        { "</updates>", PRQ_E_FORMAT },
        { "<html><body/></html>", PRQ_E_FORMAT },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        struct capture c;
        struct prq_feed_sink sink = capture_open(&c);
        struct prq_err err = PRQ_ERR_INIT;
        bool ok = prq_amazon_parse(bytes_of(cases[i].text), PRQ_S("Amazon Linux:2"), c.a, &sink,
                                   &err);
        assert_int_equal(ok, cases[i].code == PRQ_E_NONE);
        if (!ok)
            assert_int_equal(err.code, cases[i].code);
        assert_int_equal(c.records, 0);
        capture_close(&c);
    }
}

/* ---- slices */

/* A stream that gives a byte at a time: no bound of a slice may depend on what is read at once. */
struct drip {
    struct prq_stream stream;
    prq_str text;
};

static bool drip_read(struct prq_stream *s, void *buf, size_t cap, size_t *got, struct prq_err *err)
{
    struct drip *d = (struct drip *)s;
    (void)cap, (void)err;
    *got = d->text.n > 0;
    if (*got) {
        memcpy(buf, d->text.p, 1);
        d->text = prq_str_from_at(d->text, 1);
    }
    return true;
}

static void drip_close(struct prq_stream *s)
{
    (void)s;
}

static const struct prq_stream_ops drip_ops = { drip_read, drip_close };

static void test_slices(void **state)
{
    (void)state;
    struct drip d = { { &drip_ops },
                      PRQ_S("<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY a \"<b>\">]>"
                            "<p:r xmlns:p='u>v'><p:a x=\"1\"><i><![CDATA[</i>]]></i><j y='>'/>"
                            "<!-- </p:a> --><k><k/></k></p:a><b/><c>  </c><d><e>t</e></d></p:r>") };
    PRQ_XMLSLICE s = NULL;
    struct prq_xmlslice_piece piece;
    struct prq_err err = PRQ_ERR_INIT;
    assert_true(prq_xmlslice_open(&d.stream, 2, &s, &err));
    assert_int_equal(prq_xmlslice_next(s, &piece, &err), PRQ_NEXT_ITEM);
    assert_str(piece.parent, "a");
    assert_str(prq_str_of(piece.bytes), "<p:r xmlns:p='u>v'><p:a x=\"1\"><i><![CDATA[</i>]]></i>"
                                        "<j y='>'/><k><k/></k></p:a></p:r>");
    assert_int_equal(prq_xmlslice_next(s, &piece, &err), PRQ_NEXT_ITEM);
    assert_str(prq_str_of(piece.bytes), "<p:r xmlns:p='u>v'><d><e>t</e></d></p:r>");
    assert_int_equal(prq_xmlslice_next(s, &piece, &err), PRQ_NEXT_END);
}

/* Many elements come in several slices, each whole. */
static void test_slices_many(void **state)
{
    (void)state;
    PRQ_BUF text;
    PRQ_XMLSLICE s = NULL;
    struct prq_xmlslice_piece piece;
    struct prq_err err = PRQ_ERR_INIT;
    enum prq_next step;
    size_t slices = 0, bytes = 0;
    prq_buf_init(&text, PRQ_MIB(8));
    prq_buf_str(&text, PRQ_S("<r>"));
    for (int i = 0; i < 100000; i++)
        prq_buf_printf(&text, "<e>%05d</e>\n", i);
    prq_buf_str(&text, PRQ_S("</r>"));
    assert_true(prq_xmlslice_open(prq_mem_stream(prq_buf_bytes(&text)), 1, &s, &err));
    while ((step = prq_xmlslice_next(s, &piece, &err)) == PRQ_NEXT_ITEM) {
        slices++;
        bytes += piece.bytes.n - strlen("<r></r>");
        assert_true(piece.bytes.n < PRQ_KIB(300));
    }
    assert_int_equal(step, PRQ_NEXT_END);
    assert_true(slices > 3);
    assert_int_equal(bytes, 100000 * strlen("<e>00000</e>"));
}

/* ---- OVAL */

/* Two definitions of com.oracle.elsa-all.xml, shortened. */
static const char oracle[] =
    "<oval_definitions xmlns=\"d\" xmlns:ind-def=\"i\"><definitions>\n"
    "<definition id=\"oval:com.oracle.elsa:def:202312342\" version=\"501\" class=\"patch\">"
    "<metadata><title>\nELSA-2023-12342:  virt:kvm_utils security update (IMPORTANT)\n</title>"
    "<affected family=\"unix\"><platform>Oracle Linux 8</platform></affected>"
    "<reference source=\"elsa\" ref_id=\"ELSA-2023-12342\" ref_url=\"https://linux.oracle.com/e\"/>"
    "<reference source=\"CVE\" ref_id=\"CVE-2023-0664\" ref_url=\"https://linux.oracle.com/c\"/>"
    "<description>hivex</description><advisory><severity>IMPORTANT</severity>"
    "<issued date=\"2023-05-25\"/><cve href=\"h\" public=\"20230329\">CVE-2023-0664</cve>"
    "<cve href=\"h\">CVE-2022-4144</cve></advisory></metadata>"
    "<criteria operator=\"AND\">"
    "<criterion test_ref=\"oval:com.oracle.elsa:tst:1\" comment=\"Oracle Linux 8 is installed\"/>"
    "<criterion test_ref=\"oval:com.oracle.elsa:tst:3\" comment=\"Module virt:kvm_utils is enabled\"/>"
    "<criteria operator=\"OR\"><criteria operator=\"AND\">"
    "<criterion test_ref=\"oval:com.oracle.elsa:tst:2\" comment=\"Oracle Linux arch is aarch64\"/>"
    "<criteria operator=\"OR\"><criteria operator=\"AND\">"
    "<criterion test_ref=\"oval:com.oracle.elsa:tst:4\" comment=\"hivex is earlier than "
    "0:1.3.18-21.module+el8.7.0+21037+8ee66348\"/>"
    "<criterion test_ref=\"oval:com.oracle.elsa:tst:5\" comment=\"hivex is signed with the key\"/>"
    "</criteria></criteria></criteria></criteria></criteria></definition></definitions>\n"
    "<tests>"
    "<rpminfo_test id=\"oval:com.oracle.elsa:tst:1\"><object object_ref=\"o:obj:1\"/>"
    "<state state_ref=\"o:ste:1\"/></rpminfo_test>"
    "<rpminfo_test id=\"oval:com.oracle.elsa:tst:2\"><object object_ref=\"o:obj:1\"/>"
    "<state state_ref=\"o:ste:2\"/></rpminfo_test>"
    "<ind-def:textfilecontent54_test id=\"oval:com.oracle.elsa:tst:3\"/>"
    "<rpminfo_test id=\"oval:com.oracle.elsa:tst:4\"><object object_ref=\"o:obj:2\"/>"
    "<state state_ref=\"o:ste:3\"/></rpminfo_test>"
    "<rpminfo_test id=\"oval:com.oracle.elsa:tst:5\"><object object_ref=\"o:obj:2\"/>"
    "<state state_ref=\"o:ste:4\"/></rpminfo_test></tests>"
    "<objects><rpminfo_object id=\"o:obj:1\"><name>oraclelinux-release</name></rpminfo_object>"
    "<rpminfo_object id=\"o:obj:2\"><name>hivex</name></rpminfo_object></objects>"
    "<states><rpminfo_state id=\"o:ste:1\"><version operation=\"pattern match\">^8</version>"
    "</rpminfo_state><rpminfo_state id=\"o:ste:2\"><arch operation=\"pattern match\">aarch64</arch>"
    "</rpminfo_state><rpminfo_state id=\"o:ste:3\"><evr datatype=\"evr_string\" operation=\"less "
    "than\">0:1.3.18-21.module+el8.7.0+21037+8ee66348</evr></rpminfo_state>"
    "<rpminfo_state id=\"o:ste:4\"><signature_keyid>82562ea9ad986da3</signature_keyid>"
    "</rpminfo_state></states></oval_definitions>";

static void test_oval_oracle(void **state)
{
    (void)state;
    struct capture c;
    struct prq_feed_sink sink = capture_open(&c);
    struct prq_err err = PRQ_ERR_INIT;
    if (!prq_oval_parse(bytes_of(oracle), PRQ_OVAL_ORACLE, "oracle", PRQ_S(""), c.a, &sink, &err))
        fail_msg("%s", err.text);
    assert_int_equal(c.skipped, 0);
    capture_is(&c, "{\"affected\":[{\"advisories\":[\"ELSA-2023-12342\"],\"arches\":[\"aarch64\"],"
                   "\"module\":\"virt:kvm_utils\",\"name\":\"hivex\",\"ranges\":[[\"introduced\","
                   "\"0\",\"fixed\",\"0:1.3.18-21.module+el8.7.0+21037+8ee66348\"]],\"space\":"
                   "\"Oracle Linux:8\",\"state\":\"fixed\"}],\"cves\":[\"CVE-2022-4144\","
                   "\"CVE-2023-0664\"],\"details\":\"hivex\",\"id\":\"ELSA-2023-12342\","
                   "\"modified\":\"2023-05-25T00:00:00Z\",\"published\":\"2023-05-25T00:00:00Z\","
                   "\"ratings\":[{\"scheme\":\"word\",\"source\":\"oracle\",\"value\":"
                   "\"IMPORTANT\"}],\"references\":[{\"type\":\"ADVISORY\",\"url\":"
                   "\"https://linux.oracle.com/e\"},{\"type\":\"WEB\",\"url\":"
                   "\"https://linux.oracle.com/c\"}],\"source\":\"oracle-oval\",\"summary\":"
                   "\"virt:kvm_utils security update (IMPORTANT)\"}\n");
    capture_close(&c);
}

#define DEFINITION(n, patchable)                                                                 \
    "<definition class=\"vulnerability\" id=\"oval:m:def:" n "\"><metadata><title>CVE-2022-000" n \
    " affecting package vim</title><affected family=\"unix\"><platform>CBL-Mariner</platform>"    \
    "</affected><reference ref_id=\"CVE-2022-000" n "\" ref_url=\"https://nvd.nist.gov/" n "\" "  \
    "source=\"CVE\"/><patchable>" patchable "</patchable><advisory_date>2022-04-26T20:16:57Z"     \
    "</advisory_date><advisory_id>6266-" n "</advisory_id><severity>High</severity>"              \
    "<description>d</description></metadata><criteria operator=\"AND\"><criterion comment="       \
    "\"Package vim is\" test_ref=\"oval:m:tst:" n "\"/></criteria></definition>"
#define TEST(n)                                                                    \
    "<linux-def:rpminfo_test id=\"oval:m:tst:" n "\"><linux-def:object object_ref=" \
    "\"oval:m:obj:1\"/><linux-def:state state_ref=\"oval:m:ste:" n "\"/></linux-def:rpminfo_test>"
#define STATE(n, element, operation, value)                                                \
    "<linux-def:rpminfo_state id=\"oval:m:ste:" n "\"><linux-def:" element " operation=\"" \
    operation "\">" value "</linux-def:" element "></linux-def:rpminfo_state>"

/* Every operation, in the shape of cbl-mariner-2.0-oval.xml and of SUSE's states. */
static const char operations[] =
    "<oval_definitions xmlns:linux-def=\"l\"><definitions>"
    DEFINITION("1", "true") DEFINITION("2", "false") DEFINITION("3", "Not Applicable")
    DEFINITION("4", "true") DEFINITION("5", "true") DEFINITION("6", "true") DEFINITION("7", "true")
    DEFINITION("8", "true")
    "</definitions><tests>" TEST("1") TEST("2") TEST("3") TEST("4") TEST("5") TEST("6") TEST("7")
    "</tests><objects><linux-def:rpminfo_object id=\"oval:m:obj:1\"><linux-def:name>vim"
    "</linux-def:name></linux-def:rpminfo_object></objects><states>"
    STATE("1", "evr", "less than", "0: 8.2-1.cm2") STATE("2", "evr", "less than or equal", "0:8.1-1.cm2")
    STATE("3", "evr", "less than", "0:8.2-1.cm2") STATE("4", "evr", "less than", "0:0-0")
    STATE("5", "version", "equals", "0") STATE("6", "evr", "greater than", "0:0-0")
    STATE("7", "evr", "not equal", "0:1-1")
    "</states></oval_definitions>";

static void test_oval_operations(void **state)
{
    (void)state;
    struct capture c;
    struct prq_feed_sink sink = capture_open(&c);
    struct prq_err err = PRQ_ERR_INIT;
    if (!prq_oval_parse(bytes_of(operations), PRQ_OVAL_AZURE, "azurelinux",
                        PRQ_S("CBL-Mariner:2.0"), c.a, &sink, &err))
        fail_msg("%s", err.text);
    assert_int_equal(c.records, 6); /* 7 compares in a way that says nothing, 8's test is not there */
    assert_int_equal(c.skipped, 1);
    capture_has(&c, "{\"affected\":[{\"advisories\":[\"6266-1\"],\"is_source\":1,\"name\":\"vim\","
                    "\"ranges\":[[\"introduced\",\"0\",\"fixed\",\"0:8.2-1.cm2\"]],\"ratings\":"
                    "[{\"scheme\":\"word\",\"source\":\"azurelinux\",\"value\":\"High\"}],\"space\":"
                    "\"CBL-Mariner:2.0\",\"state\":\"fixed\"}],\"id\":\"CVE-2022-0001\"");
    capture_has(&c, "\"introduced\",\"0\",\"last_affected\",\"0:8.1-1.cm2\"");
    capture_has(&c, "\"space\":\"CBL-Mariner:2.0\",\"state\":\"not-affected\"}],\"id\":"
                    "\"CVE-2022-0003\"");
    capture_has(&c, "\"state\":\"not-affected\"}],\"id\":\"CVE-2022-0004\"");
    capture_has(&c, "\"state\":\"not-affected\"}],\"id\":\"CVE-2022-0005\"");
    capture_has(&c, "\"ranges\":[[\"introduced\",\"0\"]],\"ratings\":[{\"scheme\":\"word\","
                    "\"source\":\"azurelinux\",\"value\":\"High\"}],\"space\":\"CBL-Mariner:2.0\","
                    "\"state\":\"not-fixed\"}],\"id\":\"CVE-2022-0006\"");
    capture_close(&c);
}

/* Of two products of a service pack one is affected and the other not: no row says that it is not;
 * packs, long term support and other products do not leak into one another (matching.md 3.9). */
static const char suse[] =
    "<oval_definitions><definitions><definition id=\"oval:s:def:1\" class=\"vulnerability\"><metadata>"
    "<title>CVE-2020-0001</title><reference ref_id=\"SUSE-SU-2020:1-1\" ref_url=\"https://s/\" "
    "source=\"SUSE-SU\"/><advisory><severity>Moderate</severity><updated date=\"2025-08-06\"/>"
    "<cve impact=\"moderate\" cvss3=\"3.7/CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:N/I:L/A:N\" "
    "href=\"h\">CVE-2020-0001 at SUSE</cve></advisory></metadata><criteria operator=\"OR\">"
    "<criteria operator=\"AND\"><criteria operator=\"OR\">"
    "<criterion test_ref=\"oval:s:tst:1\" comment=\"SUSE Linux Enterprise Server 15 SP4 is installed\"/>"
    "<criterion test_ref=\"oval:s:tst:1\" comment=\"SUSE Linux Enterprise Module for Basesystem 15 SP4 is installed\"/>"
    "<criterion test_ref=\"oval:s:tst:1\" comment=\"SUSE Linux Enterprise Server 15 SP3-LTSS is installed\"/>"
    "<criterion test_ref=\"oval:s:tst:1\" comment=\"SUSE Manager Server 4.3 is installed\"/>"
    "<criterion test_ref=\"oval:s:tst:1\" comment=\"SUSE Linux Enterprise Micro 5.3 is installed\"/>"
    "</criteria><criteria operator=\"OR\">"
    "<criterion test_ref=\"oval:s:tst:2\" comment=\"a-1-1 is installed\"/>"
    "<criterion test_ref=\"oval:s:tst:3\" comment=\"b is not affected\"/>"
    "</criteria></criteria>"
    "<criteria operator=\"AND\"><criteria operator=\"OR\">"
    "<criterion test_ref=\"oval:s:tst:1\" comment=\"SUSE Linux Enterprise Server for SAP Applications 15 SP4 is installed\"/>"
    "<criterion test_ref=\"oval:s:tst:1\" comment=\"SUSE Linux Enterprise Server 15 is installed\"/>"
    "</criteria><criteria operator=\"OR\">"
    "<criterion test_ref=\"oval:s:tst:4\" comment=\"a is not affected\"/>"
    "<criterion test_ref=\"oval:s:tst:5\" comment=\"b is affected\"/></criteria></criteria>"
    "<criteria operator=\"AND\">"
    "<criterion test_ref=\"oval:s:tst:1\" comment=\"openSUSE Leap 15.2 is installed\"/>"
    "<criterion test_ref=\"oval:s:tst:2\" comment=\"a-1-1 is installed\"/></criteria></criteria>"
    "</definition></definitions><tests>"
    "<rpminfo_test id=\"oval:s:tst:1\"><object object_ref=\"oval:s:obj:3\"/><state state_ref=\"oval:s:ste:4\"/></rpminfo_test>"
    "<rpminfo_test id=\"oval:s:tst:2\"><object object_ref=\"oval:s:obj:1\"/><state state_ref=\"oval:s:ste:1\"/></rpminfo_test>"
    "<rpminfo_test id=\"oval:s:tst:3\"><object object_ref=\"oval:s:obj:2\"/><state state_ref=\"oval:s:ste:2\"/></rpminfo_test>"
    "<rpminfo_test id=\"oval:s:tst:4\"><object object_ref=\"oval:s:obj:1\"/><state state_ref=\"oval:s:ste:2\"/></rpminfo_test>"
    "<rpminfo_test id=\"oval:s:tst:5\"><object object_ref=\"oval:s:obj:2\"/><state state_ref=\"oval:s:ste:3\"/></rpminfo_test>"
    "</tests><objects><rpminfo_object id=\"oval:s:obj:1\"><name>a</name></rpminfo_object>"
    "<rpminfo_object id=\"oval:s:obj:2\"><name>b</name></rpminfo_object>"
    "<rpminfo_object id=\"oval:s:obj:3\"><name>sles-release</name></rpminfo_object></objects>"
    "<states><rpminfo_state id=\"oval:s:ste:1\"><arch operation=\"pattern match\">(i586|x86_64)</arch>"
    "<evr operation=\"less than\">0:1-1</evr></rpminfo_state>"
    "<rpminfo_state id=\"oval:s:ste:2\"><version operation=\"equals\">0</version></rpminfo_state>"
    "<rpminfo_state id=\"oval:s:ste:3\"><evr operation=\"greater than\">0:0-0</evr></rpminfo_state>"
    "<rpminfo_state id=\"oval:s:ste:4\"><version operation=\"equals\">15.4</version></rpminfo_state>"
    "</states></oval_definitions>";

static void test_oval_suse(void **state)
{
    (void)state;
    struct capture c;
    struct prq_feed_sink sink = capture_open(&c);
    struct prq_err err = PRQ_ERR_INIT;
    if (!prq_oval_parse(bytes_of(suse), PRQ_OVAL_SUSE, "suse", PRQ_S(""), c.a, &sink, &err))
        fail_msg("%s", err.text);
    capture_has(&c, "{\"advisories\":[\"SUSE-SU-2020:1-1\"],\"arches\":[\"i586\",\"x86_64\"],"
                    "\"name\":\"a\",\"ranges\":[[\"introduced\",\"0\",\"fixed\",\"0:1-1\"]],"
                    "\"space\":\"SUSE:15.4\",\"state\":\"fixed\"}");
    capture_has(&c, "\"space\":\"SUSE:micro-5.3\",\"state\":\"fixed\"}");
    capture_has(&c, "{\"name\":\"a\",\"space\":\"SUSE:15.0\",\"state\":\"not-affected\"}");
    capture_has(&c, "{\"name\":\"b\",\"ranges\":[[\"introduced\",\"0\"]],\"space\":"
                    "\"SUSE:15.0\",\"state\":\"not-fixed\"}");
    capture_has(&c, "{\"name\":\"b\",\"ranges\":[[\"introduced\",\"0\"]],\"space\":"
                    "\"SUSE:15.4\",\"state\":\"not-fixed\"}");
    capture_has(&c, "{\"name\":\"b\",\"space\":\"SUSE:micro-5.3\",\"state\":\"not-affected\"}");
    capture_lacks(&c, "{\"name\":\"a\",\"space\":\"SUSE:15.4\"");
    capture_lacks(&c, "{\"name\":\"b\",\"space\":\"SUSE:15.4\"");
    capture_lacks(&c, "LTSS");
    capture_lacks(&c, "Manager");
    capture_has(&c, "\"id\":\"CVE-2020-0001\",\"modified\":\"2025-08-06T00:00:00Z\"");
    capture_has(&c, "{\"scheme\":\"CVSS_V3\",\"source\":\"suse\",\"value\":"
                    "\"CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:N/I:L/A:N\"}");
    capture_close(&c);
    sink = capture_open(&c);
    assert_true(prq_oval_parse(bytes_of(suse), PRQ_OVAL_SUSE, "opensuse", PRQ_S(""), c.a, &sink,
                               NULL));
    capture_has(&c, "\"space\":\"openSUSE:15.2\"");
    capture_lacks(&c, "\"space\":\"SUSE");
    capture_close(&c);
}

static void test_oval_malformed(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool ok;
    } cases[] = {
        { "", false },
        { "<oval_definitions/>", true },
        { "<oval_definitions><definitions/></oval_definitions>", true },
        { "<oval_definitions><definitions><definition>", false },
        { "<oval_definitions><definitions><definition><title>x</definition></definitions>"
          "</oval_definitions>", false },
        { "<oval_definitions><tests><rpminfo_test id=\"x\"/><rpminfo_test id=\"a:1\"/></tests>"
          "<definitions><definition class=\"patch\"><title> </title><criteria><criterion "
          "test_ref=\"a:1\"/></criteria></definition></definitions></oval_definitions>", true },
        { "<a><definitions><definition><criteria/></criteria></definition></definitions></a>",
          false },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        struct capture c;
        struct prq_feed_sink sink = capture_open(&c);
        struct prq_err err = PRQ_ERR_INIT;
        bool ok = prq_oval_parse(bytes_of(cases[i].text), PRQ_OVAL_AZURE, "azurelinux",
                                 PRQ_S("Azure Linux:3.0"), c.a, &sink, &err);
        assert_int_equal(ok, cases[i].ok);
        assert_int_equal(c.records, 0);
        capture_close(&c);
    }
}

/* Criteria without end are a clean error. */
static void test_oval_deep(void **state)
{
    (void)state;
    struct capture c;
    struct prq_feed_sink sink = capture_open(&c);
    struct prq_err err = PRQ_ERR_INIT;
    PRQ_BUF text;
    prq_buf_init(&text, PRQ_MIB(1));
    prq_buf_str(&text, PRQ_S("<o><definitions><definition><title>CVE-2020-0001</title>"));
    for (int i = 0; i < 100; i++)
        prq_buf_str(&text, PRQ_S("<criteria>"));
    for (int i = 0; i < 100; i++)
        prq_buf_str(&text, PRQ_S("</criteria>"));
    prq_buf_str(&text, PRQ_S("</definition></definitions></o>"));
    assert_false(prq_oval_parse(prq_buf_bytes(&text), PRQ_OVAL_AZURE, "azurelinux",
                                PRQ_S("Azure Linux:3.0"), c.a, &sink, &err));
    assert_int_equal(err.code, PRQ_E_LIMIT);
    capture_close(&c);
}

/* ---- Photon */

static void test_photon(void **state)
{
    (void)state;
    struct capture c;
    struct prq_feed_sink sink = capture_open(&c);
    struct prq_err err = PRQ_ERR_INIT;
    /* cve_data_photon4.0.json and 5.0.json; "Not Fixed" of the documented shape. */
    prq_str json = PRQ_S(
        "[{\"cve_id\":\"CVE-2025-9086\",\"pkg\":\"curl\",\"cve_score\":7.5,\"aff_ver\":\"all versions "
        "before 8.16.0-1.ph4 are vulnerable\",\"res_ver\":\"8.16.0-1.ph4\",\"status\":\"Fixed\"},"
        "{\"cve_id\":\"UNK-1\",\"pkg\":\"curl\",\"cve_score\":6.7,\"aff_ver\":\"NA\",\"res_ver\":\"NA\","
        "\"status\":\"Not Affected\"},{\"cve_id\":\"BDSA-2025-13833\",\"pkg\":\"consul\",\"cve_score\":"
        "10.0,\"aff_ver\":\"NA\",\"res_ver\":\"NA\",\"status\":\"Not Affected\"},"
        "{\"cve_id\":\"CVE-2020-0001\",\"pkg\":\"a\",\"res_ver\":\"NA\",\"status\":\"Not Fixed\"},"
        "{\"cve_id\":\"CVE-2020-0002\",\"pkg\":7}]");
    if (!prq_photon_parse(json, PRQ_S("Photon OS:4.0"), c.a, &sink, &err))
        fail_msg("%s", err.text);
    capture_is(&c,
               "{\"affected\":[{\"is_source\":1,\"name\":\"curl\",\"ranges\":[[\"introduced\",\"0\","
               "\"fixed\",\"8.16.0-1.ph4\"]],\"ratings\":[{\"scheme\":\"score\",\"source\":\"photon\","
               "\"value\":\"7.5\"}],\"space\":\"Photon OS:4.0\",\"state\":\"fixed\"}],\"id\":"
               "\"CVE-2025-9086\",\"source\":\"photon\"}\n"
               "{\"affected\":[{\"is_source\":1,\"name\":\"consul\",\"ratings\":[{\"scheme\":\"score\","
               "\"source\":\"photon\",\"value\":\"10.0\"}],\"space\":\"Photon OS:4.0\",\"state\":"
               "\"not-affected\"}],\"id\":\"BDSA-2025-13833\",\"source\":\"photon\"}\n"
               "{\"affected\":[{\"is_source\":1,\"name\":\"a\",\"ranges\":[[\"introduced\",\"0\"]],"
               "\"space\":\"Photon OS:4.0\",\"state\":\"not-fixed\"}],\"id\":\"CVE-2020-0001\","
               "\"source\":\"photon\"}\n");
    assert_int_equal(c.skipped, 2);
    assert_false(prq_photon_parse(PRQ_S("{}"), PRQ_S("Photon OS:4.0"), c.a, &sink, NULL));
    assert_false(prq_photon_parse(PRQ_S("[{\"cve_id\":"), PRQ_S("Photon OS:4.0"), c.a, &sink, NULL));
    capture_close(&c);
}

/* ---- Arch: documented shape, no real record */

static void test_arch_documented_shape_no_real_record(void **state)
{
    (void)state;
    /* documented shape, no real record: matching.md 3.10 */
    struct capture c;
    struct prq_feed_sink sink = capture_open(&c);
    struct prq_err err = PRQ_ERR_INIT;
    prq_str json = PRQ_S(
        "[{\"name\":\"AVG-1\",\"packages\":[\"a\",\"a-libs\"],\"status\":\"Fixed\",\"severity\":\"High\","
        "\"type\":\"arbitrary code execution\",\"affected\":\"1.0-1\",\"fixed\":\"1.1-1\",\"ticket\":null,"
        "\"issues\":[\"CVE-2020-0002\",\"CVE-2020-0001\"],\"advisories\":[\"ASA-202001-1\"]},"
        "{\"name\":\"AVG-2\",\"packages\":[\"b\"],\"status\":\"Vulnerable\",\"severity\":\"Low\","
        "\"affected\":\"2-1\",\"fixed\":null,\"issues\":[\"CVE-2020-0003\"],\"advisories\":[]},"
        "{\"name\":\"AVG-3\",\"packages\":[\"c\"],\"status\":\"Not affected\",\"severity\":\"Unknown\","
        "\"affected\":\"1-1\",\"fixed\":null,\"issues\":[\"CVE-2020-0004\"],\"advisories\":[]},"
        "{\"name\":\"AVG-4\",\"packages\":[\"d\"],\"status\":\"Testing\",\"affected\":\"1-1\","
        "\"fixed\":\"2-1\",\"issues\":[\"CVE-2020-0005\"]},"
        "{\"name\":\"AVG-5\",\"packages\":[\"e\"],\"status\":\"Unknown\",\"affected\":\"1-1\","
        "\"issues\":[\"CVE-2020-0006\"]},"
        "{\"name\":\"AVG-6\",\"packages\":[\"f\"],\"status\":\"Odd\",\"issues\":[\"CVE-2020-0007\"]},"
        "{\"name\":\"AVG-7\",\"packages\":[\"f\"],\"status\":\"Fixed\",\"issues\":[]},7]");
    if (!prq_arch_parse(json, c.a, &sink, &err))
        fail_msg("%s", err.text);
    assert_int_equal(c.records, 5);
    assert_int_equal(c.skipped, 3);
    capture_has(&c, "{\"affected\":[{\"advisories\":[\"ASA-202001-1\"],\"name\":\"a\",\"ranges\":"
                    "[[\"introduced\",\"1.0-1\",\"fixed\",\"1.1-1\"]],\"space\":\"Arch Linux\","
                    "\"state\":\"fixed\"},{\"advisories\":[\"ASA-202001-1\"],\"name\":\"a-libs\"");
    capture_has(&c, "\"cves\":[\"CVE-2020-0001\",\"CVE-2020-0002\"],\"id\":\"AVG-1\",\"ratings\":"
                    "[{\"scheme\":\"word\",\"source\":\"arch\",\"value\":\"High\"}],\"source\":"
                    "\"arch-tracker\"");
    capture_has(&c, "\"name\":\"b\",\"ranges\":[[\"introduced\",\"2-1\"]],\"space\":\"Arch Linux\","
                    "\"state\":\"not-fixed\"");
    capture_has(&c, "\"name\":\"c\",\"space\":\"Arch Linux\",\"state\":\"not-affected\"");
    capture_has(&c, "\"name\":\"d\",\"note\":\"testing\"");
    capture_has(&c, "\"state\":\"under-investigation\"");
    assert_false(prq_arch_parse(PRQ_S("{}"), c.a, &sink, NULL));
    capture_close(&c);
}

/* ---- Chainguard and MinimOS: documented shape, no real record */

static void test_chainguard_documented_shape_no_real_record(void **state)
{
    (void)state;
    /* documented shape, no real record: matching.md 3.5, Wolfi's security.json */
    struct capture c;
    struct prq_feed_sink sink = capture_open(&c);
    prq_str json = PRQ_S("{\"packages\":[{\"pkg\":{\"name\":\"aactl\",\"secfixes\":{\"0.4.12-r10\":["
                         "\"CGA-2222-3333-4444\",\"CVE-2023-45283\"],\"0\":[\"CVE-2023-45284\"]}}}]}");
    assert_true(prq_secdb_parse(json, PRQ_S("chainguard-secdb"), PRQ_S("Chainguard"), c.a, &sink,
                                NULL));
    assert_int_equal(c.records, 3);
    capture_has(&c, "\"space\":\"Chainguard\",\"state\":\"fixed\"}],\"id\":\"CGA-2222-3333-4444\"");
    capture_has(&c, "\"space\":\"Chainguard\",\"state\":\"not-affected\"}],\"id\":\"CVE-2023-45284\"");
    capture_close(&c);
}

/* ---- Ubuntu */

static void test_ubuntu_vex(void **state)
{
    (void)state;
    struct capture c;
    struct prq_feed_sink sink = capture_open(&c);
    struct prq_err err = PRQ_ERR_INIT;
    /* vex/cve/2025/CVE-2025-0167.json, shortened; "fixed" as in vex/usn/USN-7372-1.json. */
    prq_str json = PRQ_S(
        "{\"metadata\":{\"@context\":\"https://openvex.dev/ns/v0.2.0\"},\"statements\":[{"
        "\"vulnerability\":{\"name\":\"CVE-2025-0167\",\"description\":\"curl could leak\",\"aliases\":"
        "[\"https://ubuntu.com/security/CVE-2025-0167\"]},\"timestamp\":\"2025-02-05\",\"products\":["
        "{\"@id\":\"pkg:deb/ubuntu/curl@7.47.0-1ubuntu2.19+esm13?arch=source&distro=esm-infra/xenial\"},"
        "{\"@id\":\"pkg:deb/ubuntu/curl@7.35.0-1ubuntu2.20+esm18?arch=source&distro=esm-infra-legacy/trusty\"},"
        "{\"@id\":\"pkg:deb/ubuntu/curl@7.68.0-1ubuntu2.25?arch=source&distro=focal\"},"
        "{\"@id\":\"pkg:deb/ubuntu/curl@7.68.0-1ubuntu2.25?arch=amd64\"}],\"status\":\"not_affected\","
        "\"justification\":\"vulnerable_code_not_present\"},{\"vulnerability\":{\"name\":"
        "\"CVE-2025-0167\"},\"status\":\"affected\",\"products\":[{\"@id\":"
        "\"pkg:deb/ubuntu/curl@7.81.0-1ubuntu1.20?arch=source&distro=jammy\"}]},{\"vulnerability\":"
        "{\"name\":\"CVE-2025-0167\"},\"status\":\"fixed\",\"products\":[{\"@id\":"
        "\"pkg:deb/ubuntu/varnish@5.2.1-1ubuntu0.1+esm1?arch=source&distro=esm-apps/bionic\"},{\"@id\":"
        "\"pkg:deb/ubuntu/varnish@1?arch=source&distro=martian\"}]}]}");
    if (!prq_ubuntu_vex_parse(json, c.a, &sink, &err))
        fail_msg("%s", err.text);
    assert_int_equal(c.skipped, 1);
    assert_string_equal(c.first_skip,
                        "CVE-2025-0167: a VEX statement of an unknown release or status");
    capture_is(&c,
               "{\"affected\":[{\"is_source\":1,\"name\":\"curl\",\"note\":\"vex: affected\",\"ranges\":"
               "[[\"introduced\",\"0\"]],\"space\":\"Ubuntu:22.04\",\"state\":\"not-fixed\"},"
               "{\"is_source\":1,\"name\":\"curl\",\"note\":\"vex: not_affected\",\"space\":"
               "\"Ubuntu:14.04+esm\",\"state\":\"not-affected\"},{\"is_source\":1,\"name\":\"curl\","
               "\"note\":\"vex: not_affected\",\"space\":\"Ubuntu:16.04+esm\",\"state\":"
               "\"not-affected\"},{\"is_source\":1,\"name\":\"curl\",\"note\":\"vex: not_affected\","
               "\"space\":\"Ubuntu:20.04\",\"state\":\"not-affected\"},{\"is_source\":1,\"name\":"
               "\"varnish\",\"ranges\":[[\"introduced\",\"0\",\"fixed\",\"5.2.1-1ubuntu0.1+esm1\"]],"
               "\"space\":\"Ubuntu:18.04+esm\",\"state\":\"fixed\"}],\"cves\":[\"CVE-2025-0167\"],"
               "\"details\":\"curl could leak\",\"id\":\"UBUNTU-CVE-2025-0167\",\"source\":\"osv\","
               "\"upstream\":[\"CVE-2025-0167\"]}\n");
    assert_false(prq_ubuntu_vex_parse(PRQ_S("[]"), c.a, &sink, NULL));
    assert_false(prq_ubuntu_vex_parse(PRQ_S("{\"a\":1}"), c.a, &sink, NULL));
    capture_close(&c);
}

/* Two real documents that say something, of three; USN documents are not read. */
static void test_ubuntu_vex_archive(void **state)
{
    (void)state;
    struct capture c;
    struct prq_feed_sink sink = capture_open(&c);
    struct prq_err err = PRQ_ERR_INIT;
    prq_bytes file = shared_or_skip(c.a, "data/feeds/ubuntu/vex/vex-all.tar.xz");
    if (!prq_ubuntu_vex_tar(file, c.a, &sink, &err))
        fail_msg("%s", err.text);
    assert_int_equal(c.records, 1);
    assert_int_equal(c.skipped, 0);
    capture_has(&c, "\"space\":\"Ubuntu:24.10\",\"state\":\"not-fixed\"");
    capture_lacks(&c, "varnish");
    assert_false(prq_ubuntu_vex_tar((prq_bytes){ file.p, file.n / 2 }, c.a, &sink, &err));
    capture_close(&c);
}

/* Three real documents: a CVE, an USN, a LSN, which names builds of kernels that no release has. */
static void test_ubuntu_osv_archive(void **state)
{
    (void)state;
    struct capture c;
    struct prq_feed_sink sink = capture_open(&c);
    struct prq_err err = PRQ_ERR_INIT;
    prq_bytes file = shared_or_skip(c.a, "data/feeds/ubuntu/osv/osv-all.tar.xz");
    if (!prq_ubuntu_osv_tar(file, c.a, &sink, &err))
        fail_msg("%s", err.text);
    assert_int_equal(c.records, 3);
    assert_int_equal(c.skipped, 0);
    capture_has(&c, "\"id\":\"UBUNTU-CVE-2024-51988\"");
    capture_has(&c, "\"id\":\"USN-7095-1\"");
    capture_has(&c, "\"name\":\"rabbitmq-server\"");
    capture_close(&c);
}

/* A current record of osv-all.tar.xz: its priority is the rating. */
static void test_ubuntu_priority(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct prq_record r;
    prq_str json = PRQ_S(
        "{\"id\":\"UBUNTU-CVE-2024-51988\",\"modified\":\"2025-06-02T17:30:48Z\",\"affected\":[{"
        "\"package\":{\"ecosystem\":\"Ubuntu:20.04:LTS\",\"name\":\"rabbitmq-server\"},\"ranges\":[{"
        "\"type\":\"ECOSYSTEM\",\"events\":[{\"introduced\":\"0\"},{\"fixed\":\"3.8.3-0ubuntu0.1\"}]}],"
        "\"ecosystem_specific\":{\"binaries\":[{\"binary_name\":\"rabbitmq-server\",\"binary_version\":"
        "\"3.8.3-0ubuntu0.1\"}],\"ubuntu_priority\":\"medium\"}}]}");
    assert_true(prq_osv_parse(json, "ubuntu", a, &r, NULL));
    assert_int_equal(r.affected_count, 1);
    assert_int_equal(r.affected[0].rating_count, 1);
    assert_str(r.affected[0].ratings[0].value, "medium");
    assert_str(r.affected[0].ratings[0].source, "ubuntu");
    assert_str(r.cves.v[0], "CVE-2024-51988");
}

/* ---- end of life: documented shape, no real record */

static void test_eol_documented_shape_no_real_record(void **state)
{
    (void)state;
    /* documented shape, no real record: matching.md 3.13 */
    struct capture c;
    struct prq_feed_sink sink = capture_open(&c);
    struct prq_err err = PRQ_ERR_INIT;
    prq_str json = PRQ_S(
        "{\"schema_version\":\"1.0.0\",\"result\":[{\"releases\":[{\"name\":\"12\",\"codename\":"
        "\"Bookworm\",\"eolFrom\":\"2026-06-10\",\"eoesFrom\":\"2028-06-30\",\"isEol\":false}],\"name\":"
        "\"debian\"},{\"name\":\"alpine-linux\",\"releases\":[{\"name\":\"3.17\",\"eolFrom\":"
        "\"2024-11-22\"},{\"name\":\"3.99\",\"eolFrom\":null},{\"name\":\"3.16\",\"eolFrom\":"
        "\"soon\"}]},{\"name\":\"\",\"releases\":[]},7]}");
    if (!prq_eol_parse(json, c.a, &sink, &err))
        fail_msg("%s", err.text);
    capture_is(&c, "{\"affected\":[{\"name\":\"12\",\"note\":\"2028-06-30\",\"space\":\"EOL:debian\","
                   "\"state\":\"end-of-life\"}],\"id\":\"debian/12\",\"source\":\"endoflife\"}\n"
                   "{\"affected\":[{\"name\":\"3.17\",\"note\":\"2024-11-22\",\"space\":"
                   "\"EOL:alpine-linux\",\"state\":\"end-of-life\"}],\"id\":\"alpine-linux/3.17\","
                   "\"source\":\"endoflife\"}\n");
    assert_int_equal(c.skipped, 1);
    assert_false(prq_eol_parse(PRQ_S("{}"), c.a, &sink, NULL));
    assert_false(prq_eol_parse(PRQ_S("[]"), c.a, &sink, NULL));
    capture_close(&c);
}

/* ---- a sink that says no stops every reader with its error */

static void test_vendor_stops(void **state)
{
    (void)state;
    struct capture c;
    struct prq_feed_sink sink = capture_open(&c);
    struct prq_err err = PRQ_ERR_INIT;
    c.stop_after = 1;
    assert_false(prq_amazon_parse(bytes_of(updateinfo), PRQ_S("Amazon Linux:2"), c.a, &sink, &err));
    assert_int_equal(err.code, PRQ_E_CANCELLED);
    c.records = 0;
    assert_false(prq_oval_parse(bytes_of(operations), PRQ_OVAL_AZURE, "azurelinux",
                                PRQ_S("CBL-Mariner:2.0"), c.a, &sink, &err));
    assert_int_equal(err.code, PRQ_E_CANCELLED);
    assert_int_equal(c.records, 1);
    capture_close(&c);
}

static void test_days(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    assert_str(prq_feed_day(PRQ_S("2018-01-16"), a), "2018-01-16T00:00:00Z");
    assert_str(prq_feed_day(PRQ_S("2018-01-16 01:28"), a), "2018-01-16T01:28:00Z");
    assert_str(prq_feed_day(PRQ_S("2022-04-26T20:16:57Z"), a), "2022-04-26T20:16:57Z");
    assert_str(prq_feed_day(PRQ_S("soon"), a), "");
    assert_str(prq_feed_day(PRQ_S(""), a), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_amazon),
        cmocka_unit_test(test_amazon_malformed),
        cmocka_unit_test(test_slices),
        cmocka_unit_test(test_slices_many),
        cmocka_unit_test(test_oval_oracle),
        cmocka_unit_test(test_oval_operations),
        cmocka_unit_test(test_oval_suse),
        cmocka_unit_test(test_oval_malformed),
        cmocka_unit_test(test_oval_deep),
        cmocka_unit_test(test_photon),
        cmocka_unit_test(test_arch_documented_shape_no_real_record),
        cmocka_unit_test(test_chainguard_documented_shape_no_real_record),
        cmocka_unit_test(test_ubuntu_vex),
        cmocka_unit_test(test_ubuntu_vex_archive),
        cmocka_unit_test(test_ubuntu_osv_archive),
        cmocka_unit_test(test_ubuntu_priority),
        cmocka_unit_test(test_eol_documented_shape_no_real_record),
        cmocka_unit_test(test_vendor_stops),
        cmocka_unit_test(test_days),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
