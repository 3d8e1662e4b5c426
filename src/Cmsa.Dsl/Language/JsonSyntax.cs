using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl;

/// <summary>JSON text as a tree, or the line at which it stops being JSON.</summary>
internal static class JsonSyntax
{
    private static readonly JsonDocumentOptions strict = new()
    {
        MaxDepth = Json.MaxDepth,
        AllowDuplicateProperties = false,
    };

    public static Validation<Error, JsonNode> Parse(string json)
    {
        var bytes = Encoding.UTF8.GetBytes(json.TrimStart('\uFEFF'));
        return Problem(bytes)
            .Match(
                Some: error => Fail<Error, JsonNode>(error),
                None: () =>
                    JsonNode.Parse(bytes, documentOptions: strict) is { } node
                        ? Success<Error, JsonNode>(node)
                        : Fail<Error, JsonNode>(
                            new Error("null where a layer should stand", "$", "write {\"layer\": ...}")
                        )
            );
    }

    // The tokens are walked once before the tree is built: no recursion, so that no depth is too deep to be refused.
    private static Option<Error> Problem(byte[] bytes)
    {
        var reader = new Utf8JsonReader(
            bytes,
            isFinalBlock: false,
            new JsonReaderState(new JsonReaderOptions { MaxDepth = int.MaxValue })
        );
        var names = new Stack<System.Collections.Generic.HashSet<string>>();
        try
        {
            while (reader.Read())
            {
                switch (reader.TokenType)
                {
                    case JsonTokenType.StartObject or JsonTokenType.StartArray when names.Count == Json.MaxDepth:
                        return At(
                            reader,
                            $"more than {Json.MaxDepth} arrays and objects inside one another",
                            "name parts of the model, or build it in C#"
                        );
                    case JsonTokenType.StartObject or JsonTokenType.StartArray:
                        names.Push([]);
                        break;
                    case JsonTokenType.EndObject or JsonTokenType.EndArray:
                        names.Pop();
                        break;
                    case JsonTokenType.PropertyName when !names.Peek().Add(reader.GetString()!):
                        return At(reader, $"{reader.GetString()} is said twice in one object", "keep one of them");
                    case JsonTokenType.String:
                        _ = reader.GetString();
                        break;
                }
            }
            return names.Count == 0 && reader.BytesConsumed > 0 && reader.TokenType is not JsonTokenType.None
                ? None
                : new Error(
                    bytes.All(IsBlank) ? "the file is empty" : "the file ends before it is complete",
                    Line(bytes, bytes.Length),
                    "copy or write it anew"
                );
        }
        catch (JsonException wrong)
        {
            var what = wrong.Message.Split(" LineNumber:")[0].TrimEnd('.');
            return new Error(
                $"no JSON: {what}",
                $"line {wrong.LineNumber + 1}",
                $"look at column {wrong.BytePositionInLine + 1}"
            );
        }
        catch (InvalidOperationException)
        {
            return At(reader, "text that is no Unicode", "write characters beyond U+FFFF as two \\u escapes");
        }

        Error At(Utf8JsonReader reader, string what, string hint) =>
            new(what, Line(bytes, reader.TokenStartIndex), hint);
    }

    private static bool IsBlank(byte letter) => letter is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t';

    private static string Line(ReadOnlySpan<byte> bytes, long end) => $"line {bytes[..(int)end].Count((byte)'\n') + 1}";
}
