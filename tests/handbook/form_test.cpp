#include "engine/handbook/form.h"

#include <gtest/gtest.h>

#include "engine/handbook/tables.h"
#include "engine/json/json.h"

namespace drydock::handbook {
namespace {

TEST(Form, IsReadFromTheOutsideToTheInside) {
    const Form form = read_form("map of list of 'a' | duration | step");
    ASSERT_EQ(form.kind, Form::Kind::Map);
    const Form& list = form.inner.front();
    ASSERT_EQ(list.kind, Form::Kind::List);
    const Form& one = list.inner.front();
    ASSERT_EQ(one.kind, Form::Kind::OneOf);
    ASSERT_EQ(one.inner.size(), 3U);
    EXPECT_EQ(one.inner[0].kind, Form::Kind::Word);
    EXPECT_EQ(one.inner[0].name, "a");
    EXPECT_EQ(one.inner[1].kind, Form::Kind::Shape);
    EXPECT_EQ(one.inner[2].kind, Form::Kind::Table);
    EXPECT_EQ(tables_in(form), std::vector<std::string_view>{"step"});
}

TEST(Form, IsSaidInWords) {
    EXPECT_EQ(in_words(read_form("'stop' | 'undo' | 'end'")), "stop, undo or end");
    EXPECT_EQ(in_words(read_form("list of step")), "a list, each: the keys of `step`");
}

// A misspelt shape would be taken for a table: each one must be there.
TEST(Form, OfEveryKeyNamesShapesAndTablesThatExist) {
    for (const runbook::KeyTable* table : tables()) {
        for (const runbook::Key& key : table->keys) {
            for (const std::string_view place : tables_in(read_form(key.form)))
                EXPECT_EQ(table_of(place).place, place) << key.name;
        }
    }
}

}  // namespace
}  // namespace drydock::handbook
