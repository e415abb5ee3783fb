#include "engine/cases/junit.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>

#include "engine/json/json.h"

namespace drydock::cases {
namespace {

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : json::to_utf8(text)) {
        switch (c) {
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '&': out += "&amp;"; break;
            case '"': out += "&quot;"; break;
            case '\n': out += "&#10;"; break;
            case '\t': out += "&#9;"; break;
            default:
                if (static_cast<unsigned char>(c) >= 0x20) out += c;
        }
    }
    return out;
}

std::string seconds(std::chrono::milliseconds took) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.3f", static_cast<double>(took.count()) / 1000);
    return text.data();
}

std::string attribute(std::string_view name, std::string_view value) {
    return " " + std::string(name) + "=\"" + escaped(value) + "\"";
}

void add_case(const PlayedFile& file, const PlayedCase& one, std::string& text) {
    text += "    <testcase" + attribute("classname", file.path) + attribute("name", one.name) +
            attribute("time", seconds(one.took));
    if (one.failures.empty()) {
        text += "/>\n";
        return;
    }
    text += ">\n      <failure" + attribute("message", one.failures.front().what) + ">";
    for (const Failure& failure : one.failures) {
        text += escaped(file.path + ":" + std::to_string(failure.place.line) + ":" +
                        std::to_string(failure.place.column) + ": " + failure.what +
                        "\n  expected " + failure.expected + "\n  got      " + failure.got + "\n");
    }
    text += "</failure>\n    </testcase>\n";
}

void add_file(const PlayedFile& file, std::string& text) {
    const auto failed = std::ranges::count_if(
        file.list, [](const PlayedCase& one) { return !one.failures.empty(); });
    std::chrono::milliseconds took{0};
    for (const PlayedCase& one : file.list) took += one.took;
    const std::size_t broken = file.problem.empty() ? 0 : 1;
    text += "  <testsuite" + attribute("name", file.path) +
            attribute("tests", std::to_string(file.list.size() + broken)) +
            attribute("failures", std::to_string(failed)) +
            attribute("errors", std::to_string(broken)) + attribute("time", seconds(took)) + ">\n";
    for (const PlayedCase& one : file.list) add_case(file, one, text);
    if (broken > 0) {
        text += "    <testcase" + attribute("classname", file.path) +
                attribute("name", "can be read") + ">\n      <error" +
                attribute("message", file.problem) + "/>\n    </testcase>\n";
    }
    text += "  </testsuite>\n";
}

}  // namespace

std::string junit_text(const std::vector<PlayedFile>& files) {
    std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
    for (const PlayedFile& file : files) add_file(file, text);
    return text + "</testsuites>\n";
}

}  // namespace drydock::cases
