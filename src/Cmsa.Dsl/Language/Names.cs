using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl;

/// <summary>What a layer, a level, a parameter or a probe may be called.</summary>
internal static class Names
{
    private const string Allowed = "letters, digits, - and _, in segments joined by dots";

    /// <summary>
    /// What is wrong with a name or a path, if anything: an empty segment, a blank or any other sign.
    /// </summary>
    public static Option<Error> Problem(string name) =>
        name.Split('.').All(IsSegment) ? None : Some(Error.Misfit($"the name \"{name}\"", Allowed, Hint(name)));

    /// <summary>What is wrong with the names in a model, each with the path of the layer that gives it.</summary>
    public static Many<Error> Problems(Placement model) =>
        model.All.Bind(place => Given(place).Choose(Problem).Map(e => e.At(place.Path)));

    private static Many<string> Given(Placement place)
    {
        var own = place.Layer.Name.ToMany();
        var ofParts = Many.Range(place.Parts.Count)
            .Bind(part =>
                place.Layer.PlaceOf(part) switch
                {
                    Placing.Named(var segment) => (Many<string>)[segment],
                    Placing.Root(var path) => [path],
                    Placing.PerLevel(var level) when level != Placement.AnyLevel => [level],
                    _ => [],
                }
            );
        return own + ofParts;
    }

    private static bool IsSegment(string segment) => segment.Length > 0 && segment.All(IsSign);

    private static bool IsSign(char sign) => char.IsLetterOrDigit(sign) || sign is '_' or '-';

    private static string Hint(string name)
    {
        var segments = name.Split('.')
            .Select(s => string.Concat(s.Select(sign => IsSign(sign) ? sign : '_')))
            .Where(s => s.Length > 0);
        var proper = string.Join('.', segments);
        return proper.Length == 0 ? "give it a name" : $"call it \"{proper}\"";
    }
}
