#include <algorithm>

#include "engine/handbook/word.h"

namespace drydock::handbook {

const std::vector<Word>& words() {
    static const std::vector<Word> kAll = [] {
        std::vector<Word> all = key_words();
        for (auto* part : {&engine_words, &outcome_words}) {
            for (Word& word : (*part)()) all.push_back(std::move(word));
        }
        return all;
    }();
    return kAll;
}

std::vector<const Word*> find_words(std::string_view name) {
    std::vector<const Word*> found;
    const std::size_t dot = name.find('.');
    const bool dotted = dot != std::string_view::npos;
    const std::string_view of = dotted ? name.substr(0, dot) : std::string_view();
    const std::string_view short_name = dotted ? name.substr(dot + 1) : name;
    for (const Word& word : words()) {
        if (word.name == short_name && (of.empty() || word.of == of)) found.push_back(&word);
    }
    return found;
}

std::vector<const Word*> keys_of(std::string_view place) {
    std::vector<const Word*> found;
    for (const Word& word : words()) {
        if (word.topic == "key" && word.of == place) found.push_back(&word);
    }
    return found;
}

std::vector<std::string> word_names() {
    std::vector<std::string> names;
    for (const Word& word : words()) {
        names.push_back(word.name);
        if (word.topic == "key") names.push_back(word.of);
    }
    std::ranges::sort(names);
    const auto twice = std::ranges::unique(names);
    names.erase(twice.begin(), twice.end());
    return names;
}

}  // namespace drydock::handbook
