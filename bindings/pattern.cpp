#include "bindings/pattern.h"

#include "engine/error.h"

namespace drydock::bindings {
namespace {

constexpr std::size_t kMaxNodes = 500;  // also the depth of the recursion
constexpr std::int64_t kOpen = -1;      // a capture that has begun
constexpr std::int64_t kStepsPerPoll = 1 << 14;

[[noreturn]] void malformed(const char* what) {
    throw Error(ErrorCode::Lua, std::string("malformed pattern (") + what + ")",
                "a special character is written with % before it");
}

bool in_class(unsigned char letter, unsigned char c) {
    const auto between = [c](unsigned char low, unsigned char high) {
        return c >= low && c <= high;
    };
    const bool digit = between('0', '9');
    const bool alpha = between('a', 'z') || between('A', 'Z');
    switch (letter | 0x20) {
        case 'a': return alpha;
        case 'c': return c < 32 || c == 127;
        case 'd': return digit;
        case 'g': return between(33, 126);
        case 'l': return between('a', 'z');
        case 'p': return between(33, 126) && !alpha && !digit;
        case 's': return c == ' ' || between(9, 13);
        case 'u': return between('A', 'Z');
        case 'w': return alpha || digit;
        case 'x': return digit || between('a', 'f') || between('A', 'F');
        default: return false;
    }
}

bool is_class(unsigned char letter) {
    static constexpr std::string_view kLetters = "acdglpsuwx";
    const bool alpha = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
    return alpha && kLetters.find(static_cast<char>(letter | 0x20)) != std::string_view::npos;
}

// What `%letter` stands for: a class, its complement, or the character itself.
std::bitset<256> escaped(unsigned char letter) {
    std::bitset<256> set;
    if (!is_class(letter)) return set.set(letter);
    for (unsigned c = 0; c < 256; ++c) {
        if (in_class(letter, static_cast<unsigned char>(c))) set.set(c);
    }
    const bool complement = letter >= 'A' && letter <= 'Z';
    return complement ? ~set : set;
}

// Reads `[…]` from its bracket on into `set`; returns where it ends.
std::size_t read_set(std::string_view pattern, std::size_t at, std::bitset<256>& set) {
    ++at;
    const bool complement = at < pattern.size() && pattern[at] == '^';
    if (complement) ++at;
    bool first = true;  // a ] right at the beginning is itself
    while (true) {
        if (at >= pattern.size()) malformed("missing ']'");
        const auto c = static_cast<unsigned char>(pattern[at]);
        if (c == ']' && !first) break;
        first = false;
        if (c == '%') {
            if (at + 1 >= pattern.size()) malformed("ends with '%'");
            set |= escaped(static_cast<unsigned char>(pattern[at + 1]));
            at += 2;
        } else if (at + 2 < pattern.size() && pattern[at + 1] == '-' && pattern[at + 2] != ']') {
            const auto last = static_cast<unsigned char>(pattern[at + 2]);
            for (unsigned member = c; member <= last; ++member) set.set(member);
            at += 3;
        } else {
            set.set(c);
            ++at;
        }
    }
    if (complement) set.flip();
    return at + 1;
}

}  // namespace

Pattern::Pattern(std::string_view pattern, Caret caret, std::function<void()> poll)
    : poll_(std::move(poll)) {
    anchored_ = caret == Caret::Anchors && pattern.starts_with('^');
    compile(anchored_ ? pattern.substr(1) : pattern);
}

void Pattern::compile(std::string_view pattern) {
    std::size_t at = 0;
    int opened = 0;
    int open_now = 0;
    while (at < pattern.size()) {
        if (nodes_.size() >= kMaxNodes) malformed("too complex");
        const char c = pattern[at];
        if (c == '(') {
            const bool position = pattern.substr(at + 1).starts_with(')');
            nodes_.push_back({.kind = position ? Kind::OpenPosition : Kind::Open});
            if (++opened > kMaxCaptures) malformed("too many captures");
            open_now += position ? 0 : 1;
            at += position ? 2 : 1;
        } else if (c == ')') {
            if (--open_now < 0) malformed("unexpected ')'");
            nodes_.push_back({.kind = Kind::Close});
            ++at;
        } else if (c == '$' && at + 1 == pattern.size()) {
            nodes_.push_back({.kind = Kind::End});
            ++at;
        } else if (c == '%') {
            at = compile_escape(pattern, at);
        } else if (c == '[') {
            Set set;
            at = compile_one(pattern, read_set(pattern, at, set), set);
        } else {
            Set set;
            if (c == '.') {
                set.set();
            } else {
                set.set(static_cast<unsigned char>(c));
            }
            at = compile_one(pattern, at + 1, set);
        }
    }
    if (open_now != 0) malformed("unfinished capture");
}

std::size_t Pattern::compile_escape(std::string_view pattern, std::size_t at) {
    if (at + 1 >= pattern.size()) malformed("ends with '%'");
    const auto letter = static_cast<unsigned char>(pattern[at + 1]);
    if (letter == 'b') {
        if (at + 3 >= pattern.size()) malformed("missing arguments to '%b'");
        nodes_.push_back({.kind = Kind::Balance,
                          .first = static_cast<unsigned char>(pattern[at + 2]),
                          .second = static_cast<unsigned char>(pattern[at + 3])});
        return at + 4;
    }
    if (letter == 'f') {
        if (at + 2 >= pattern.size() || pattern[at + 2] != '[') malformed("missing '[' after '%f'");
        Node node{.kind = Kind::Frontier};
        const std::size_t after = read_set(pattern, at + 2, node.set);
        nodes_.push_back(node);
        return after;
    }
    if (letter >= '0' && letter <= '9') {
        if (letter == '0') malformed("invalid capture index");
        nodes_.push_back({.kind = Kind::Back, .capture = letter - '1'});
        return at + 2;
    }
    return compile_one(pattern, at + 2, escaped(letter));
}

std::size_t Pattern::compile_one(std::string_view pattern, std::size_t at, const Set& set) {
    Node node{.kind = Kind::One, .set = set};
    if (at < pattern.size()) {
        switch (pattern[at]) {
            case '*': node.repeat = Repeat::Many; break;
            case '+': node.repeat = Repeat::Some; break;
            case '-': node.repeat = Repeat::Few; break;
            case '?': node.repeat = Repeat::Maybe; break;
            default: break;
        }
        if (node.repeat != Repeat::Once) ++at;
    }
    nodes_.push_back(node);
    return at;
}

void Pattern::step() {
    if (++steps_ < next_poll_) return;
    next_poll_ = steps_ + kStepsPerPoll;
    if (steps_ > kMaxSteps) {
        throw Error(ErrorCode::Lua, "the pattern takes too long on this text",
                    "several * or - beside each other try every way to share a text among them");
    }
    poll_();
}

bool Pattern::match_at(std::string_view text, std::size_t at, std::size_t& end) {
    text_ = text;
    captures_.clear();
    if (!match(0, at)) return false;
    end = end_;
    return true;
}

bool Pattern::holds(const Node& node, std::size_t at) {
    step();
    return at < text_.size() && node.set.test(static_cast<unsigned char>(text_[at]));
}

bool Pattern::holds_at_frontier(const Node& node, std::size_t at) const {
    const auto byte = [this](std::size_t place) {
        return place < text_.size() ? static_cast<unsigned char>(text_[place]) : 0U;
    };
    return !node.set.test(at == 0 ? 0 : byte(at - 1)) && node.set.test(byte(at));
}

bool Pattern::match(std::size_t index, std::size_t at) {
    for (; index < nodes_.size(); ++index) {
        const Node& node = nodes_[index];
        switch (node.kind) {
            case Kind::One:
                if (node.repeat != Repeat::Once) return match_repeat(node, index, at);
                if (!holds(node, at)) return false;
                ++at;
                break;
            case Kind::Open:
            case Kind::OpenPosition:
            case Kind::Close: return match_capture(node, index, at);
            case Kind::Balance: return match_balance(node, index, at);
            case Kind::Back: return match_back(node, index, at);
            case Kind::Frontier:
                if (!holds_at_frontier(node, at)) return false;
                break;
            case Kind::End:
                if (at != text_.size()) return false;
                break;
        }
    }
    end_ = at;
    return true;
}

bool Pattern::match_repeat(const Node& node, std::size_t index, std::size_t at) {
    if (node.repeat == Repeat::Few) {
        while (!match(index + 1, at)) {
            if (!holds(node, at)) return false;
            ++at;
        }
        return true;
    }
    const std::size_t least = node.repeat == Repeat::Some ? 1 : 0;
    const std::size_t most = node.repeat == Repeat::Maybe ? 1 : text_.size();
    std::size_t count = 0;
    while (count < most && holds(node, at + count)) ++count;
    // Longest first, then give back one by one.
    for (;; --count) {
        if (count < least) return false;
        if (match(index + 1, at + count)) return true;
        if (count == 0) return false;
    }
}

bool Pattern::match_capture(const Node& node, std::size_t index, std::size_t at) {
    if (node.kind == Kind::Close) {
        std::size_t open = captures_.size();
        while (open > 0 && captures_[open - 1].length != kOpen) --open;
        Capture& capture = captures_[open - 1];  // compile() made sure that one is open
        capture.length = static_cast<std::int64_t>(at - capture.begin);
        if (match(index + 1, at)) return true;
        captures_[open - 1].length = kOpen;
        return false;
    }
    const std::size_t before = captures_.size();
    captures_.push_back({at, node.kind == Kind::Open ? kOpen : kPosition});
    if (match(index + 1, at)) return true;
    captures_.resize(before);
    return false;
}

bool Pattern::match_balance(const Node& node, std::size_t index, std::size_t at) {
    if (at >= text_.size() || static_cast<unsigned char>(text_[at]) != node.first) return false;
    std::size_t depth = 1;
    for (std::size_t place = at + 1; place < text_.size(); ++place) {
        step();
        const auto c = static_cast<unsigned char>(text_[place]);
        if (c == node.second) {
            if (--depth == 0) return match(index + 1, place + 1);
        } else if (c == node.first) {
            ++depth;
        }
    }
    return false;
}

bool Pattern::match_back(const Node& node, std::size_t index, std::size_t at) {
    const auto which = static_cast<std::size_t>(node.capture);
    if (which >= captures_.size() || captures_[which].length < 0)
        malformed("invalid capture index");
    const Capture& capture = captures_[which];
    const std::string_view piece =
        text_.substr(capture.begin, static_cast<std::size_t>(capture.length));
    steps_ += static_cast<std::int64_t>(piece.size() / 16);
    step();
    if (text_.substr(at, piece.size()) != piece) return false;
    return match(index + 1, at + piece.size());
}

}  // namespace drydock::bindings
