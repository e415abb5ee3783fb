#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The compiled form of a Lua 5.4 function, as lua_dump writes it (ldump.c of 5.4.0 to 5.4.6):
//
//   | ESC "Lua" | 0x54 | 0 | 19 93 0d 0a 1a 0a | 4 8 8 | int 0x5678 | num 370.5 | upvalues |
//   function | function: source, first line, last line, parameters, vararg, stack,
//             code, constants, upvalues, functions, lines, absolute lines, locals, upvalue names
//
// Numbers are in groups of 7 bits, highest first, the last with its top bit set; a text is its
// length + 1 and its bytes. Read only to inspect what this process compiled a moment ago.
namespace drydock::bindings {

enum class Op : std::uint8_t {
    Move = 0,
    LoadK = 3,
    LoadKX = 4,
    LFalseSkip = 6,
    LoadNil = 8,
    GetUpval = 9,
    SetUpval = 10,
    GetTabUp = 11,
    GetTable = 12,
    GetI = 13,
    GetField = 14,
    SetTabUp = 15,
    SetTable = 16,
    SetI = 17,
    SetField = 18,
    Self = 20,
    MmBin = 46,
    MmBinI = 47,
    MmBinK = 48,
    Close = 54,
    Tbc = 55,
    Jmp = 56,
    Eq = 57,
    Test = 66,
    TestSet = 67,
    Call = 68,
    TailCall = 69,
    Return = 70,
    Return1 = 72,
    ForLoop = 73,
    ForPrep = 74,
    TForPrep = 75,
    TForCall = 76,
    TForLoop = 77,
    SetList = 78,
    Closure = 79,
    VarArg = 80,
    VarArgPrep = 81,
    ExtraArg = 82,
};

struct Instruction {
    std::uint32_t bits = 0;
    [[nodiscard]] Op op() const { return static_cast<Op>(bits & 0x7FU); }
    [[nodiscard]] int a() const { return static_cast<int>(bits >> 7 & 0xFFU); }
    [[nodiscard]] bool k() const { return (bits >> 15 & 1U) != 0; }
    [[nodiscard]] int b() const { return static_cast<int>(bits >> 16 & 0xFFU); }
    [[nodiscard]] int c() const { return static_cast<int>(bits >> 24 & 0xFFU); }
    [[nodiscard]] int bx() const { return static_cast<int>(bits >> 15); }
    [[nodiscard]] int ax() const { return static_cast<int>(bits >> 7); }
    [[nodiscard]] int jump() const { return ax() - ((1 << 24) - 1); }
};

struct Function {
    struct Upvalue {
        bool in_stack = false;  // a local of the function around, else one of its upvalues
        int index = 0;
        std::string name;
    };
    struct Local {
        std::string name;
        int begin = 0;  // instructions, half open
        int end = 0;
    };
    int first_line = 0;
    int parameters = 0;
    std::vector<Instruction> code;
    std::vector<std::optional<std::string>> constants;  // texts; nullopt for all others
    std::vector<Upvalue> upvalues;
    std::vector<Function> functions;
    std::vector<int> lines;  // of each instruction
    std::vector<Local> locals;
};

// Reads what lua_dump wrote, with debug information. CHECKs the header: another Lua is a bug of
// ours.
[[nodiscard]] Function read_bytecode(std::string_view dump);

}  // namespace drydock::bindings
