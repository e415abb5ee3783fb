#include "engine/runbook/source.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <sstream>
#include <unordered_set>
#include <utility>

#include "engine/json/json.h"

namespace drydock::runbook {
namespace {

// Ends the parser from within its events; what is wrong was reported already.
struct Enough {};

Place place_at(const YAML::Mark& mark) {
    return {.line = static_cast<std::uint32_t>(mark.line + 1),
            .column = static_cast<std::uint32_t>(mark.column + 1)};
}

// Builds the tree from the parser's events. yaml-cpp marks count bytes; positions are offsets into
// the text, which tells the styles apart that the events do not.
class TreeBuilder final : public YAML::EventHandler {
  public:
    TreeBuilder(std::string_view text, Report& report, const SourceLimits& limits)
        : text_(text), report_(report), limits_(limits) {}

    std::optional<SourceNode> take() { return std::move(root_); }

    void OnDocumentStart(const YAML::Mark& mark) override {
        if (documents_++ == 0) return;
        report_.add(place_at(mark), "a second document begins here",
                    "one file holds one document: remove the `---`");
        throw Enough{};
    }
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
        SourceNode node;
        node.text = "null";
        node.place = node.text_place = place_at(mark);
        add(std::move(node));
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
        report_.add(place_at(mark), "aliases (*name) are not allowed", "write the value out");
        OnNull(mark, 0);
    }
    void OnAnchor(const YAML::Mark& mark, const std::string& name) override {
        report_.add(place_at(mark), "anchors (&" + name + ") are not allowed",
                    "write the value out where it is used");
    }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t /*anchor*/,
                  const std::string& value) override {
        refuse_tag(mark, tag);
        SourceNode node;
        node.text = value;
        node.place = node.text_place = place_at(mark);
        if (value.find('\0') != std::string::npos)
            report_.add(node.place, "a text holds a NUL character",
                        "write the text without \\0 and \\x00");
        set_style(node, static_cast<std::size_t>(mark.pos), tag);
        add(std::move(node));
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t /*anchor*/,
                         YAML::EmitterStyle::value /*style*/) override {
        open(mark, tag, SourceNode::Kind::List);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t /*anchor*/,
                    YAML::EmitterStyle::value /*style*/) override {
        open(mark, tag, SourceNode::Kind::Map);
    }
    void OnMapEnd() override { close(); }

  private:
    // A list or map that is not closed yet.
    struct Open {
        SourceNode node;
        std::optional<std::pair<std::string, Place>> key;  // read, its value not yet
        std::unordered_set<std::string> seen;
    };

    void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
        const auto at = static_cast<std::size_t>(mark.pos);
        const bool written = at < text_.size() && text_[at] == '!';
        if (!written && (tag == "?" || tag == "!" || tag.empty())) return;
        report_.add(place_at(mark), "tags (!…) are not allowed",
                    "the place of a value says its type; quote a text that begins with `!`");
    }

    void set_style(SourceNode& node, std::size_t at, const std::string& tag) {
        const char first = at < text_.size() ? text_[at] : ' ';
        if (tag == "?") return;
        node.style = ScalarStyle::Quoted;
        if (first == '|' || first == '>') {
            node.style = first == '|' ? ScalarStyle::Literal : ScalarStyle::Folded;
            node.text_place = {.line = node.place.line + 1, .column = block_column(at)};
        } else if (first == '"' || first == '\'') {
            ++node.text_place.column;
            require_closed(node.place, at, first);
        }
    }

    // The column at which the lines of a block scalar begin: its first line that is not blank.
    [[nodiscard]] std::uint32_t block_column(std::size_t at) const {
        std::size_t line = text_.find('\n', at);
        while (line != std::string_view::npos) {
            const std::size_t begin = text_.find_first_not_of(' ', line + 1);
            if (begin == std::string_view::npos) break;
            if (text_[begin] != '\n' && text_[begin] != '\r') {
                return static_cast<std::uint32_t>(begin - line);
            }
            line = text_.find('\n', begin);
        }
        return 1;
    }

    // yaml-cpp takes the end of the file for the closing quote, and so swallows the rest of it.
    void require_closed(Place place, std::size_t at, char quote) {
        for (std::size_t i = at + 1; i < text_.size(); ++i) {
            if (text_[i] == '\\' && quote == '"') {
                ++i;
            } else if (text_[i] == quote) {
                if (quote == '"' || i + 1 >= text_.size() || text_[i + 1] != '\'') return;
                ++i;
            }
        }
        report_.add(place, "this quote is never closed", std::string("close it with ") + quote);
        throw Enough{};
    }

    void count(Place place) {
        if (++nodes_ > limits_.nodes) {
            report_.add(
                place, "more than " + std::to_string(limits_.nodes) + " values in one document",
                "split the runbook, or put large data into a file given as a source parameter");
            throw Enough{};
        }
    }

    void open(const YAML::Mark& mark, const std::string& tag, SourceNode::Kind kind) {
        refuse_tag(mark, tag);
        const Place place = place_at(mark);
        count(place);
        if (open_.size() >= limits_.depth) {
            report_.add(place, "nested more than " + std::to_string(limits_.depth) + " deep",
                        "flatten the document");
            throw Enough{};
        }
        if (in_key()) {
            report_.add(place, "a key must be a plain text",
                        "quote a text that begins with [ or {");
            throw Enough{};
        }
        open_.emplace_back();
        open_.back().node.kind = kind;
        open_.back().node.place = open_.back().node.text_place = place;
    }

    void close() {
        SourceNode node = std::move(open_.back().node);
        open_.pop_back();
        attach(std::move(node));
    }

    void add(SourceNode node) {
        count(node.place);
        if (!in_key()) return attach(std::move(node));
        Open& map = open_.back();
        if (!map.seen.insert(node.text).second) {
            report_.add(node.place, "the key `" + node.text + "` stands here twice",
                        "remove one of them");
        }
        map.key.emplace(std::move(node.text), node.place);
    }

    void attach(SourceNode node) {
        if (open_.empty()) {
            root_ = std::move(node);
        } else if (open_.back().node.is_list()) {
            open_.back().node.items.push_back(std::move(node));
        } else {
            Open& map = open_.back();
            map.node.members.push_back(
                {std::move(map.key->first), map.key->second, std::move(node)});
            map.key.reset();
        }
    }

    [[nodiscard]] bool in_key() const {
        return !open_.empty() && open_.back().node.is_map() && !open_.back().key;
    }

    std::string_view text_;
    Report& report_;
    const SourceLimits& limits_;
    std::vector<Open> open_;
    std::optional<SourceNode> root_;
    std::size_t nodes_ = 0;
    int documents_ = 0;
};

Place place_of_byte(std::string_view text, std::size_t offset) {
    const std::string_view before = text.substr(0, offset);
    const std::size_t line = before.rfind('\n');
    return {.line = static_cast<std::uint32_t>(std::count(before.begin(), before.end(), '\n') + 1),
            .column = static_cast<std::uint32_t>(line == std::string_view::npos ? offset + 1
                                                                                : offset - line)};
}

bool bytes_are_sound(std::string_view text, Report& report, const SourceLimits& limits) {
    if (text.size() > limits.bytes) {
        report.add({.line = 1, .column = 1},
                   "the file has " + std::to_string(text.size()) + " bytes, more than " +
                       std::to_string(limits.bytes),
                   "put large data into a file given as a source parameter");
        return false;
    }
    if (const std::size_t at = text.find('\0'); at != std::string_view::npos) {
        report.add(place_of_byte(text, at), "a NUL byte stands here: this is no text file",
                   "save the file as UTF-8 text");
        return false;
    }
    if (json::is_utf8(text)) return true;
    // The first line that is not well-formed is the place; lines never split a character.
    std::size_t begin = 0;
    while (begin < text.size()) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        if (!json::is_utf8(text.substr(begin, end - begin))) break;
        begin = end + 1;
    }
    report.add({.line = place_of_byte(text, begin).line, .column = 1},
               "this line is not valid UTF-8", "save the file as UTF-8 text");
    return false;
}

// The line at or just before `place` whose indentation holds a tab, or 0.
std::uint32_t tab_line(const Report& report, Place place) {
    for (std::uint32_t number = place.line; number > 0 && number + 1 >= place.line; --number) {
        const std::string_view line = report.line(number);
        const std::string_view indentation =
            line.substr(0, std::min(line.find_first_not_of(" \t"), line.size()));
        if (indentation.find('\t') != std::string_view::npos && indentation.size() < line.size())
            return number;
    }
    return 0;
}

// yaml-cpp's own words, and what they mean to somebody who wrote a runbook.
struct Explained {
    std::string_view words;
    std::string_view message;
    std::string_view hint;
};
constexpr std::array<Explained, 7> kExplained{{
    {"illegal map value", "a second `: ` in one line", "quote a text that holds `: `"},
    {"end of map flow not found", "this { is not closed as expected",
     "quote a text that holds ${…}, { or }; close the map with }"},
    {"end of sequence flow not found", "this [ is not closed as expected",
     "quote a text that holds [ or ]; close the list with ]"},
    {"end of map not found", "this line does not belong to the map above it",
     "look at the indentation: keys of one map begin in one column"},
    {"end of sequence not found", "this line does not belong to the list above it",
     "look at the indentation: the dashes of one list stand in one column"},
    {"the referenced anchor is not defined", "aliases (*name) are not allowed",
     "quote a text that begins with `*`"},
    {"illegal flow end", "a bracket too many, or in a place where none can be",
     "quote a text that holds ] or }"},
}};

void report_syntax(const YAML::ParserException& error, Report& report) {
    const Place place = error.mark.is_null() ? Place{.line = 1, .column = 1} : place_at(error.mark);
    if (const std::uint32_t line = tab_line(report, place); line > 0) {
        const auto column = static_cast<std::uint32_t>(report.line(line).find('\t') + 1);
        return report.add({.line = line, .column = column}, "a tab stands in the indentation",
                          "indent with spaces");
    }
    for (const Explained& one : kExplained) {
        if (error.msg == one.words)
            return report.add(place, std::string(one.message), std::string(one.hint));
    }
    report.add(place, "not valid YAML: " + error.msg, "quote texts that hold special characters");
}

}  // namespace

const SourceNode* SourceNode::find(std::string_view key) const noexcept {
    for (const Member& member : members) {
        if (member.key == key) return &member.value;
    }
    return nullptr;
}

Place SourceNode::place_of(std::size_t offset) const {
    const std::string_view before = std::string_view(text).substr(0, offset);
    const std::size_t line = before.rfind('\n');
    const auto within = static_cast<std::uint32_t>(
        line == std::string_view::npos ? before.size() : before.size() - line - 1);
    if (style == ScalarStyle::Literal) {
        const auto lines =
            static_cast<std::uint32_t>(std::count(before.begin(), before.end(), '\n'));
        return {text_place.file, text_place.line + lines, text_place.column + within};
    }
    if (style == ScalarStyle::Folded || text.find('\n') != std::string::npos) return place;
    return {text_place.file, text_place.line, text_place.column + within};
}

std::optional<SourceNode> parse_source(std::string_view text, Report& report,
                                       const SourceLimits& limits) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    if (!bytes_are_sound(text, report, limits)) return std::nullopt;
    TreeBuilder builder(text, report, limits);
    try {
        std::istringstream stream{std::string(text)};
        YAML::Parser parser(stream);
        while (parser.HandleNextDocument(builder)) {
        }
    } catch (const Enough&) {
        return std::nullopt;
    } catch (const YAML::ParserException& error) {
        report_syntax(error, report);
        return std::nullopt;
    }
    return builder.take();
}

std::string_view shape_of(const SourceNode& node) {
    if (node.is_null()) return "nothing";
    if (node.is_list()) return "a list";
    return node.is_map() ? "a map" : "a text";
}

}  // namespace drydock::runbook
