using System.Globalization;
using System.Text.RegularExpressions;

namespace Cmsa.Dsl.PyTorch;

/// <summary>How numbers, texts and names are written in Python.</summary>
internal static partial class Python
{
    private static readonly HashSet<string> keywords =
    [
        "False",
        "None",
        "True",
        "and",
        "as",
        "assert",
        "async",
        "await",
        "break",
        "class",
        "continue",
        "def",
        "del",
        "elif",
        "else",
        "except",
        "finally",
        "for",
        "from",
        "global",
        "if",
        "import",
        "in",
        "is",
        "lambda",
        "nonlocal",
        "not",
        "or",
        "pass",
        "raise",
        "return",
        "try",
        "while",
        "with",
        "yield",
        // Not keywords, but what the files use by these names.
        "self",
        "torch",
        "nn",
        "F",
        "math",
        "json",
        "os",
        "print",
        "len",
        "list",
        "range",
        "super",
        "str",
        "float",
        "bool",
    ];

    // What nn.Module has itself: a part or parameter of such a name is reached by its table.
    private static readonly HashSet<string> ofModules =
    [
        "T_destination",
        "add_module",
        "apply",
        "bfloat16",
        "buffers",
        "call_super_init",
        "children",
        "compile",
        "cpu",
        "cuda",
        "double",
        "dump_patches",
        "eval",
        "extra_repr",
        "float",
        "fold",
        "folded",
        "forward",
        "get_buffer",
        "get_extra_state",
        "get_parameter",
        "get_submodule",
        "half",
        "ipu",
        "kept",
        "load_state_dict",
        "modules",
        "mtia",
        "named_buffers",
        "named_children",
        "named_modules",
        "named_parameters",
        "own",
        "parameters",
        "register_backward_hook",
        "register_buffer",
        "register_forward_hook",
        "register_forward_pre_hook",
        "register_full_backward_hook",
        "register_full_backward_pre_hook",
        "register_load_state_dict_post_hook",
        "register_load_state_dict_pre_hook",
        "register_module",
        "register_parameter",
        "register_state_dict_post_hook",
        "register_state_dict_pre_hook",
        "requires_grad_",
        "set_extra_state",
        "set_submodule",
        "share_memory",
        "state_dict",
        "to",
        "to_empty",
        "train",
        "training",
        "type",
        "xpu",
        "zero_grad",
    ];

    /// <summary>Whether a name can be written after a dot.</summary>
    public static bool IsIdentifier(string name) => Identifier().IsMatch(name) && !keywords.Contains(name);

    /// <summary>Whether nn.Module has something of this name, or keeps names that begin so for itself.</summary>
    public static bool IsTaken(string name) => ofModules.Contains(name) || name.StartsWith('_');

    /// <summary>A name of a variable for any text.</summary>
    public static string Variable(string text)
    {
        var plain = NotAName().Replace(text, "_");
        var named = plain.Length == 0 || char.IsAsciiDigit(plain[0]) ? $"_{plain}" : plain;
        return keywords.Contains(named) ? $"{named}_" : named;
    }

    /// <summary>A real number, to the last digit.</summary>
    public static string Number(double number) =>
        number switch
        {
            double.PositiveInfinity => "math.inf",
            double.NegativeInfinity => "-math.inf",
            double.NaN => "math.nan",
            _ => number.ToString("R", CultureInfo.InvariantCulture) switch
            {
                var text when text.AsSpan().ContainsAny('.', 'E') => text.Replace("E", "e", StringComparison.Ordinal),
                var whole => $"{whole}.0",
            },
        };

    /// <summary>A text.</summary>
    public static string Text(string text) =>
        $"\"{string.Concat(text.Select(c => c is '"' or '\\' ? $"\\{c}" : char.IsControl(c) ? $"\\x{(int)c:x2}" : $"{c}"))}\"";

    /// <summary>Numbers as a tuple.</summary>
    public static string Tuple(IEnumerable<int> numbers)
    {
        var all = numbers.ToArray();
        return all.Length == 1 ? $"({all[0]},)" : $"({string.Join(", ", all)})";
    }

    /// <summary>True or False.</summary>
    public static string Truth(bool truth) => truth ? "True" : "False";

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]*$")]
    private static partial Regex Identifier();

    [GeneratedRegex("[^A-Za-z0-9_]+")]
    private static partial Regex NotAName();
}
