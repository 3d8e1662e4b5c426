using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Cmsa.Dsl;
using Cmsa.Dsl.Graphs;
using LanguageExt;
using static LanguageExt.Prelude;
using Mask = Cmsa.Dsl.Mask;
using Vocabulary = Cmsa.Data.Words.Vocabulary;

namespace Cmsa.Experiments.Specs;

/// <summary>
/// A model, what it learns from, how, and the seed of all that is drawn on the way: everything that a run's numbers
/// depend on but for rounding. Equal experiments have equal hashes, on every machine; the hash names the run's folder.
/// How far the model is rewritten before it runs (<c>--no-optimise</c>) changes rounding and not the hash: a run that
/// goes on the other way is the same run, and ends where it would have ended but for rounding, not bit for bit.
/// </summary>
/// <param name="Name">What people call the model: letters, digits and dashes.</param>
/// <param name="Model">The model.</param>
/// <param name="Image">The picture's side, in pixels, as the model takes it.</param>
/// <param name="Words">N, the longest expression that the model takes.</param>
/// <param name="Data">What it learns from.</param>
/// <param name="Training">How it learns.</param>
/// <param name="Pixels">How it takes pixels.</param>
/// <param name="Seed">Of its start values and the order of its samples.</param>
/// <param name="Backbone">The weights that its backbone starts from; drawn like all others if absent.</param>
public sealed record Experiment(
    string Name,
    Layer<(Image, Tokens), Mask> Model,
    int Image,
    int Words,
    DataSpec Data,
    Training Training,
    PixelNormalization Pixels = PixelNormalization.Centred,
    ulong Seed = 0,
    Option<Pretrained> Backbone = default
)
{
    /// <summary>
    /// How records are written as JSON. The resolver is named, since a program of one file (<c>dotnet run x.cs</c>) has
    /// none unless it is.
    /// </summary>
    internal static JsonSerializerOptions Records { get; } =
        new()
        {
            TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
            WriteIndented = true,
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            Converters = { new JsonStringEnumConverter() },
            RespectRequiredConstructorParameters = false,
            UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        };

    /// <summary>The sizes of the model's argument.</summary>
    public InputSpec Inputs => InputSpec.Image(Image, Image) & InputSpec.Tokens(Words);

    /// <summary>The version of the form of <see cref="Json"/>.</summary>
    public const int Version = 2;

    /// <summary>
    /// Ten hexadecimal digits of SHA-256 over the experiment without its name and the places of files, which change no
    /// number. A later version that renames something still gives the same hash.
    /// </summary>
    public string Hash
    {
        get
        {
            var same = this with
            {
                Name = "",
                Data = Data with { Root = "" },
                Backbone = Backbone.Map(b => b with { File = "" }),
            };
            var text = Text(same.Fields(Cmsa.Dsl.Json.WriteOriginal(Model)));
            return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..10];
        }
    }

    /// <summary>The name of the run's folder: <c>1f0c4a2b9e-paper-small</c>.</summary>
    public string Folder => $"{Hash}-{Name}";

    /// <summary>The experiment as JSON, in one canonical form.</summary>
    public string Json => Text([new("version", Version), .. Fields(Cmsa.Dsl.Json.Write(Model))]);

    private Many<KeyValuePair<string, JsonNode?>> Fields(string model) =>
        [
            new("name", Name),
            new("image", Image),
            new("words", Words),
            new("scale", Pixels.ToString()),
            new("seed", Seed),
            .. Backbone.Map(b => KeyValuePair.Create("backbone", (JsonNode?)b.Json)),
            new("data", JsonSerializer.SerializeToNode(Data, Records)),
            new("training", JsonSerializer.SerializeToNode(Training, Records)),
            new("model", JsonNode.Parse(model)),
        ];

    private static string Text(IEnumerable<KeyValuePair<string, JsonNode?>> fields) =>
        new JsonObject(fields).ToJsonString(Records).ReplaceLineEndings("\n");

    /// <summary>The experiment that some JSON says; an error that names the place where it says none.</summary>
    /// <param name="json">What <see cref="Json"/> gave.</param>
    /// <param name="where">The file, for the error.</param>
    public static Either<Error, Experiment> Parse(string json, string where)
    {
        try
        {
            var root = JsonNode.Parse(json)!.AsObject();
            // The first version wrote no number.
            if (root["version"]?.GetValue<int>() is > Version and var version)
                return new Error(
                    $"an experiment of version {version}, written by a later version of this program",
                    where,
                    "read it with that version"
                );
            return Cmsa
                .Dsl.Json.Read<(Image, Tokens), Mask>(root["model"]!.ToJsonString())
                .Match(
                    Succ: model =>
                        Right<Error, Experiment>(
                            new(
                                root["name"]!.GetValue<string>(),
                                model,
                                root["image"]!.GetValue<int>(),
                                root["words"]!.GetValue<int>(),
                                root["data"].Deserialize<DataSpec>(Records)!,
                                root["training"].Deserialize<Training>(Records)!,
                                Enum.Parse<PixelNormalization>(root["scale"]!.GetValue<string>()),
                                root["seed"]!.GetValue<ulong>(),
                                Optional(root["backbone"]).Map(Pretrained.Of)
                            )
                        ),
                    Fail: errors =>
                        Left(new Error(errors.HeadOrNone().Map(e => $"{e}").IfNone("no layer"), where, Elsewhere))
                );
        }
        catch (Exception wrong)
            when (wrong
                    is JsonException
                        or NullReferenceException
                        or InvalidOperationException
                        or FormatException
                        or ArgumentException
            )
        {
            return new Error($"not an experiment: {wrong.Message.ReplaceLineEndings(" ")}", where, Elsewhere);
        }
    }

    private const string Elsewhere =
        "it is damaged or of another version of this program; read it with that one, or move the run's folder away to train again";

    /// <summary>
    /// The experiment with its backbone started from weights, if any, and pixels as these take them unless it is said
    /// how.
    /// </summary>
    /// <param name="backbone">The weights.</param>
    /// <param name="pixels">How pixels become numbers, where it is said.</param>
    public Experiment From(Option<Pretrained> backbone, Option<PixelNormalization> pixels) =>
        this with
        {
            Backbone = backbone,
            Pixels = (pixels || backbone.Bind(b => b.Pixels)).IfNone(Pixels),
        };

    /// <summary>The experiment by another protocol.</summary>
    /// <param name="protocol">The protocol.</param>
    public Experiment By(Protocol protocol) => this with { Training = Training with { Protocol = protocol } };

    /// <summary>
    /// An error where the backbone cannot start as it should: its file is gone, changed, damaged or of another network.
    /// </summary>
    public Either<Error, Unit> Ready => Backbone.Match(b => b.Fit(this).Map(_ => unit), () => unit);

    /// <summary>
    /// Whether all that the model sees goes through a backbone of random numbers that training leaves as they are.
    /// </summary>
    public bool HasRandomBackbone =>
        Backbone.IsNone
        && Model
            .At(Inputs)
            .Exists(graph => graph.Parameters.Exists(p => p.Role == Role.Frozen && Pretrained.IsBelow(p.Path)));

    /// <summary>
    /// What keeps the experiment from being run, if anything: sizes that do not fit, numbers that mean nothing.
    /// </summary>
    public Option<Error> Problem =>
        Training.Problem
        || (
            Name.Length == 0 || Name.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.' or '+'))
                ? Some(new Error($"\"{Name}\" as a name", "the experiment", "use letters, digits and dashes"))
                : None
        )
        || Model
            .At(Inputs)
            .Match(Succ: graph => Answers(graph.Output.Node.Shape), Fail: errors => Some(Failures.Of(errors)));

    // The loss compares the mask with the truth, pixel by pixel.
    private Option<Error> Answers(Shape mask) =>
        mask[Axis.Row] == Image && mask[Axis.Column] == Image
            ? None
            : Some(
                new Error(
                    $"the model {Name} answers with a mask of {mask[Axis.Row]}x{mask[Axis.Column]} pixels to a picture of {Image}x{Image}",
                    "the model",
                    $"end it with Upsample({Image})"
                )
            );

    /// <summary>An error where the model has no vector for some of the words of a vocabulary.</summary>
    /// <param name="vocabulary">The words of the data.</param>
    public Either<Error, Unit> Knows(Vocabulary vocabulary) =>
        from program in Model.At(Inputs).Match(Succ: Right<Error, Graph>, Fail: errors => Left(Failures.Of(errors)))
        from known in program
            .Nodes.Find(v => v.Operation is LookUp && v.Operands[1].Shape[Axis.In] < vocabulary.Count)
            .Match(
                few =>
                    Left<Error, Unit>(
                        new(
                            $"the model {Name} knows {few.Operands[1].Shape[Axis.In]} words, and {Data.Name} has {vocabulary.Count}",
                            "the model",
                            $"give its embedding {vocabulary.Count} words or more"
                        )
                    ),
                () => unit
            )
        select known;
}
