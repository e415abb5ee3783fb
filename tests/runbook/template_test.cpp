#include "engine/runbook/template.h"

#include <gtest/gtest.h>

#include "engine/error.h"

namespace drydock::runbook {
namespace {

// The pieces as "text" and "{expression}".
std::vector<std::string> pieces(std::string_view text) {
    std::vector<std::string> found;
    for (const auto& piece : parse_template(text, {.line = 1, .column = 1}).pieces) {
        if (const auto* literal = std::get_if<std::string>(&piece.held)) found.push_back(*literal);
        else found.push_back("{" + std::get<Expression>(piece.held).text + "}");
    }
    return found;
}

using Pieces = std::vector<std::string>;

TEST(Template, SplitsTextAndExpressions) {
    EXPECT_EQ(pieces("a ${x} b ${y}"), (Pieces{"a ", "{x}", " b ", "{y}"}));
    EXPECT_EQ(pieces("${x}${y}"), (Pieces{"{x}", "{y}"}));
    EXPECT_EQ(pieces("price: 5$ {x}"), Pieces{"price: 5$ {x}"});
    EXPECT_EQ(pieces(""), Pieces{});
}

TEST(Template, WritesADoubledDollarAsALiteral) {
    EXPECT_EQ(pieces("a $${x} b"), Pieces{"a ${x} b"});
    EXPECT_EQ(pieces("$${${x}"), (Pieces{"${", "{x}"}));
}

TEST(Template, FindsTheEndOfAnExpressionAsLuaReadsIt) {
    EXPECT_EQ(pieces("${({a = {1}})[k]}!"), (Pieces{"{({a = {1}})[k]}", "!"}));
    EXPECT_EQ(pieces("${x or \"}\"}!"), (Pieces{"{x or \"}\"}", "!"}));
    EXPECT_EQ(pieces("${'\\'}'}!"), (Pieces{"{'\\'}'}", "!"}));
    EXPECT_EQ(pieces("${[==[ }]] ]==]}!"), (Pieces{"{[==[ }]] ]==]}", "!"}));
    EXPECT_EQ(pieces("${t[t[1]]}!"), (Pieces{"{t[t[1]]}", "!"}));
    EXPECT_EQ(pieces("${x --[[ } ]] }!"), (Pieces{"{x --[[ } ]] }", "!"}));
}

TEST(Template, RefusesWhatIsNeverClosedOrEmptyWithItsPlace) {
    try {
        (void)parse_template("one\ntwo ${x", {.line = 5, .column = 3});
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.message(), "line 6, column 5: this ${ is never closed");
        EXPECT_FALSE(error.hint().empty());
    }
    EXPECT_THROW((void)parse_template("${ }", {}), Error);
    EXPECT_THROW((void)parse_template("${\"}", {}), Error);
    EXPECT_THROW((void)parse_template("${[[}", {}), Error);
}

TEST(Template, PlacesExpressionsInTheirFile) {
    const Template made = parse_template("ab ${x}\n ${y}", {.line = 10, .column = 4});
    EXPECT_EQ(std::get<Expression>(made.pieces[1].held).place, (Place{.line = 10, .column = 9}));
    EXPECT_EQ(std::get<Expression>(made.pieces[3].held).place, (Place{.line = 11, .column = 4}));
}

TEST(Template, JoinsTextsAndKeepsSecretsSecret) {
    const Evaluator evaluator = [](const Expression& expression) -> Value {
        if (expression.text == "pw") return Secret("password", "geheim");
        if (expression.text == "size") return Size{512 << 10};
        return std::int64_t{7};
    };
    EXPECT_EQ(evaluate(parse_template("n=${n} ${size}", {}), evaluator), Value("n=7 512KiB"));
    const Value url = evaluate(parse_template("postgres://u:${pw}@h/${n}", {}), evaluator);
    ASSERT_TRUE(url.holds<Secret>());
    EXPECT_EQ(url.as<Secret>().reveal(), "postgres://u:geheim@h/7");
    EXPECT_EQ(url.as<Secret>().name(), "password");
}

TEST(Template, LeavesSqlAsItStands) {
    const std::string text = "sql: select $${\"a\":1}$$::json\n";
    Report report("x", text);
    const auto root = *parse_source(text, report);
    Declaration sql;
    sql.type = Type::Sql;
    const Node node = to_node(*root.find("sql"), &sql, report);
    EXPECT_EQ(std::get<Node::Scalar>(node.held).text, "select $${\"a\":1}$$::json");
    EXPECT_TRUE(report.empty());
}

}  // namespace
}  // namespace drydock::runbook
