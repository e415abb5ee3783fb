#include "engine/handbook/form.h"
#include "engine/handbook/tables.h"
#include "engine/handbook/word.h"

namespace drydock::handbook {
namespace {

std::string listed(std::string_view words) {
    std::string text;
    const std::vector<std::string_view> all = words_in(words);
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (i > 0) text += i + 1 == all.size() ? " or " : ", ";
        text += all[i];
    }
    return text;
}

std::string text_of(const runbook::KeyTable& table, const runbook::Key& key) {
    std::string text(key.meaning);
    if (!key.beside.empty()) text += " Only beside " + listed(key.beside) + ".";
    for (const std::string_view one : words_in(table.exactly_one)) {
        if (one == key.name) text += " Exactly one of " + listed(table.exactly_one) + " is given.";
    }
    for (const std::string_view one : words_in(table.at_least_one)) {
        if (one == key.name)
            text += " At least one of " + listed(table.at_least_one) + " is given.";
    }
    return text;
}

}  // namespace

std::vector<Word> key_words() {
    std::vector<Word> all;
    for (const runbook::KeyTable* table : tables()) {
        for (const runbook::Key& key : table->keys) {
            const Form form = read_form(key.form);
            Word word{.topic = "key",
                      .name = std::string(key.name),
                      .of = std::string(table->place),
                      .form = in_words(form),
                      .text = text_of(*table, key),
                      .example = std::string(key.example),
                      .required = key.required,
                      .inner = {}};
            for (const std::string_view place : tables_in(form)) {
                for (const runbook::Key& inner : table_of(place).keys)
                    word.inner.push_back(std::string(place) + "." + std::string(inner.name));
            }
            all.push_back(std::move(word));
        }
    }
    return all;
}

}  // namespace drydock::handbook
