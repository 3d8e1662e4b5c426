using System.Text.Json.Nodes;
using Cmsa.Dsl.Layers;
using Cmsa.Dsl.Testing;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using LanguageExt;

namespace Cmsa.Dsl.Tests;

public class JsonTests
{
    /// <summary>A layer of somebody else's, with every type of parameter.</summary>
    public sealed record Own(
        string Label,
        double Rate,
        Option<double> Limit,
        Many<int> Sizes,
        Many<(string Name, Layer Layer)> Table,
        AttentionScope Over = AttentionScope.Pairs,
        bool Flag = true,
        long Long = 5,
        float Short = 0.5f,
        Option<int> Absent = default,
        Many<string> Words = default
    ) : Layer<FeatureMap, FeatureMap>
    {
        protected override Signal Elaborate(Signal input, Scope scope) => input;
    }

    /// <summary>One whose name, and one of whose parameters, are taken.</summary>
    public sealed record Linear<A>(int Layer, Many<int> Kinds) : Layer<A, A>
    {
        protected override Signal Elaborate(Signal input, Scope scope) => input;
    }

    /// <summary>One that refuses what makes no sense.</summary>
    public sealed record Positive(int Number) : Layer<FeatureMap, FeatureMap>
    {
        public int Number { get; } = Number > 0 ? Number : throw new ArgumentException("The number is not positive.");

        protected override Signal Elaborate(Signal input, Scope scope) => input;
    }

    /// <summary>A kind of somebody else's.</summary>
    public sealed class Depth : IKind
    {
        public static Many<Axis> Axes => [Axis.Row, Axis.Column];
    }

    private static readonly Sizes tiny = Sizes.Small with
    {
        Backbone = new([1, 1, 1, 1], true, 4, OutputStride: 8),
        Image = 16,
        Words = 3,
        Vocabulary = 5,
        WordChannels = 4,
        Attention = 8,
        FusedChannels = 4,
    };

    private static readonly Dictionary<string, Layer> models = new()
    {
        { "paper", Paper.Model(Sizes.Paper) },
        { "released", Released.Model(Sizes.Paper) },
        { "small", Paper.Model(Sizes.Small) },
        { "pixels", Paper.Model(Sizes.Small).Replace<SelfAttention>(a => a with { Over = AttentionScope.Pixels }) },
        { "special", Paper.Model(Sizes.Small).Replace("res5.attention", new SelfAttention(8)) },
        { "resnet18", ResNet.Of18.Classifier(1000) },
        { "resnet152", ResNet.Of152.Classifier(10) },
        { "excited", Define<FeatureMap, FeatureMap>(x => x * Sigmoid(x >> GlobalAverage >> Linear<Vector>(4))) },
        {
            "two arguments",
            Define<FeatureMap, Words, FeatureMap>(
                (v, e) => v / 2 * Sigmoid(e >> SentenceMean) + Learnable("offset", -0.0)
            )
        },
        {
            "own",
            Conv(3, 1)
                >> new Own(
                    "a \"b\" \\ é \u2028",
                    double.NegativeInfinity,
                    2.5,
                    [1, -2],
                    [("x", Relu >> Conv(1, 1)), ("y", new Chunk(0, 2))]
                )
        },
        {
            "own, all",
            new Own(
                "",
                double.NaN,
                default,
                [],
                [],
                AttentionScope.None,
                false,
                long.MinValue,
                float.Epsilon,
                7,
                ["a", ""]
            )
        },
        { "taken names", new Linear<(Depth, Levels<Levels<Tokens>>)>(1, [2]) },
    };

    private static readonly string paper = Json.Write(Paper.Model(tiny));

    public static TheoryData<string> Names => [.. models.Keys];

    private static Layer Read(string json) =>
        Json.Read(json)
            .Match(Succ: l => l, Fail: errors => throw new InvalidOperationException(string.Join("\n", errors)));

    private static string Wrong(string json) =>
        string.Join(
            "\n",
            Json.Read(json).Match(Succ: l => throw new InvalidOperationException($"{l}"), Fail: errors => errors)
        );

    [Theory, MemberData(nameof(Names))]
    public void What_is_written_is_read_back_equal(string name)
    {
        var model = models[name];
        var json = Json.Write(model);
        Assert.Equal(model, Read(json));
        Assert.Equal(json, Json.Write(Read(json)));
    }

    [Property(MaxTest = 200)]
    public Property Any_layer_of_maps_is_read_back_equal() =>
        Prop.ForAll(RandomLayers.LayersOfMaps(), layer => layer.Equals(Read(Json.Write(layer))));

    [Property(MaxTest = 200)]
    public Property Any_layer_of_words_is_read_back_equal() =>
        Prop.ForAll(RandomLayers.LayersOfWords(), layer => layer.Equals(Read(Json.Write(layer))));

    [Property(MaxTest = 200)]
    public Property Any_fusion_is_read_back_equal() =>
        Prop.ForAll(RandomLayers.Fusions(), fusion => fusion.Layer.Equals(Read(Json.Write(fusion.Layer))));

    [Fact]
    public void A_layer_is_written_as_people_would_write_it() =>
        Assert.Equal(
            """
            {
              "layer": "Sequence",
              "kinds": ["(FeatureMap, Words)", "FeatureMap"],
              "steps": [
                { "layer": "MultimodalFeature", "positions": false },
                {
                  "layer": "Sum",
                  "kinds": ["WordMaps", "WordMaps"],
                  "addends": [{ "layer": "Identity", "kinds": ["WordMaps"] }, { "layer": "SelfAttention", "width": 8, "over": "Pixels" }]
                },
                { "layer": "WordPool", "reduction": "Mean" }
              ]
            }

            """,
            Json.Write(new MultimodalFeature(false) >> Residual(SelfAttention(8, AttentionScope.Pixels)) >> WordMean)
        );

    [Fact]
    public void The_names_of_earlier_versions_are_read()
    {
        Layer<FeatureMap, FeatureMap> gated = Define<FeatureMap, FeatureMap>(x => Learnable("gain") * x);
        var original = Json.WriteOriginal(gated);
        Assert.Contains("\"term\": \"Learnt\"", original, StringComparison.Ordinal);
        Assert.Equal(gated, Json.Read(original).Fits());
    }

    [Fact]
    public void An_equation_is_written_as_its_terms() =>
        Assert.Equal(
            """
            {
              "layer": "Equation",
              "kinds": ["Levels<FeatureMap>", "FeatureMap"],
              "body": {
                "term": "SumOver",
                "levels": { "term": "Argument", "steps": [] },
                "index": 0,
                "body": {
                  "term": "Times",
                  "left": { "term": "Learnable", "label": "gain", "initial": 0.5 },
                  "right": { "term": "At", "levels": { "term": "Argument", "steps": [] }, "index": 0 }
                }
              }
            }

            """,
            Json.Write(Define<FeatureMap>(x => x.Sum(i => Learnable("gain", 0.5) * x[i])))
        );

    [Fact]
    public void Kinds_are_checked_against_those_asked_for()
    {
        var json = Json.Write(Paper.Model(tiny));
        Assert.True(Json.Read<(Image, Tokens), Mask>(json).IsSuccess);
        Assert.Equal(
            "$: Sequence takes (Image, Tokens) and gives Mask; a layer that takes Image and gives Mask should stand here",
            string.Join("\n", Json.Read<Image, Mask>(json).FailToSeq())
        );
    }

    [Fact]
    public void Sequences_and_sums_are_flat_however_they_are_written() =>
        Assert.Equal(
            Conv(1, 1) >> (Conv(2, 1) + Conv(3, 1) + Conv(4, 1)),
            Read(
                """
                { "layer": "Sequence", "kinds": ["FeatureMap", "FeatureMap"], "steps": [
                    { "layer": "Sequence", "kinds": ["FeatureMap", "FeatureMap"], "steps": [
                        { "layer": "Conv", "channels": 1, "kernel": 1 }, { "layer": "Identity", "kinds": ["FeatureMap"] } ] },
                    { "layer": "Sum", "kinds": ["FeatureMap", "FeatureMap"], "addends": [
                        { "layer": "Conv", "channels": 2, "kernel": 1 },
                        { "layer": "Sum", "kinds": ["FeatureMap", "FeatureMap"], "addends": [
                            { "layer": "Conv", "channels": 3, "kernel": 1 }, { "layer": "Conv", "channels": 4, "kernel": 1 } ] } ] } ] }
                """
            )
        );

    [Theory]
    [InlineData("", "line 1: the file is empty; copy or write it anew")]
    [InlineData("null", "$: null where a layer should stand; write {\"layer\": ...}")]
    [InlineData("[]", "$: a list where a layer should stand")]
    [InlineData("3", "line 1: the file ends before it is complete; copy or write it anew")]
    [InlineData("{}", "$: an object without the name of a layer; write {\"layer\": ...}")]
    [InlineData(
        "{ \"layer\": \"Conv\",\n  \"channels\": 3,\n  \"ker",
        "line 3: the file ends before it is complete; copy or write it anew"
    )]
    [InlineData(
        "{ \"layer\": \"Conv\",\n  \"channels\": 3,\n  \"kernel\" 3 }",
        "line 3: no JSON: '3' is invalid after a property name. Expected a ':'; look at column 12"
    )]
    [InlineData(
        "{ \"layer\": \"Conv\",\n\"layer\": \"Conv\" }",
        "line 2: layer is said twice in one object; keep one of them"
    )]
    [InlineData(
        """{ "layer": "\ud800" }""",
        "line 1: text that is no Unicode; write characters beyond U+FFFF as two \\u escapes"
    )]
    [InlineData("""{ "layer": 7 }""", "$: the name of the layer is no text; write {\"layer\": ...}")]
    [InlineData(
        """{ "layer": "Cnov", "channels": 3, "kernel": 1 }""",
        "$: there is no layer Cnov; did you mean Conv? layers of your own: load their assembly"
    )]
    [InlineData(
        """{ "layer": "conv", "channels": 3, "kernel": 1 }""",
        "$: there is no layer conv; did you mean Conv? layers of your own: load their assembly"
    )]
    [InlineData(
        """{ "layer": "Conv", "kernel": 1.5, "dilatoin": 2, "bias": "yes" }""",
        """
            $: Conv has no dilatoin; did you mean dilation?
            $: Conv lacks channels; it has no default
            $.kernel: 1.5 where a whole number or a list of two should stand
            $.bias: "yes" where true or false should stand
            """
    )]
    [InlineData(
        """{ "layer": "Conv", "channels": 9999999999, "kernel": null }""",
        """
            $.channels: 9999999999 where a whole number should stand
            $.kernel: null where a whole number or a list of two should stand
            """
    )]
    [InlineData(
        """{ "layer": "Gain", "kinds": ["Words"], "initial": 1e999 }""",
        "$.initial: 1e999 where a number should stand"
    )]
    [InlineData(
        """{ "layer": "Pool", "reduction": "Median", "kernel": 2, "stride": 2 }""",
        "$.reduction: there is no Reduction Median; it is one of Sum, Mean, Max"
    )]
    [InlineData("""{ "layer": "Identity" }""", "$: Identity with 0 kinds; it has 1, the type arguments of Identity<A>")]
    [InlineData(
        """{ "layer": "Conv", "kinds": ["Image"], "channels": 3, "kernel": 1 }""",
        "$: Conv with 1 kinds; it has 0, the type arguments of Conv"
    )]
    [InlineData(
        """{ "layer": "Identity", "kinds": ["FeatureMaps"] }""",
        "$.kinds[0]: there is no kind FeatureMaps; did you mean FeatureMap? kinds of your own: load their assembly"
    )]
    [InlineData(
        """{ "layer": "Identity", "kinds": ["(Image, Tokens"] }""",
        "$.kinds[0]: \"(Image, Tokens\" is no kind; a kind is written as Image, (Image, Tokens) or Levels<FeatureMap>"
    )]
    [InlineData(
        """{ "layer": "Linear", "kinds": ["(Image, Image)"], "channels": 3 }""",
        "$: Linear of (Image, Image); it takes kinds of one tensor, no pairs and no levels"
    )]
    [InlineData(
        """{ "layer": "Cmsa.Dsl.Tests.JsonTests+Positive", "number": 0 }""",
        "$: Positive refuses this: The number is not positive."
    )]
    [InlineData(
        """{ "layer": "Elementwise", "kinds": ["FeatureMap"], "body": { "term": "Embedded" } }""",
        "$.body.term: there is no Scalar Embedded; it is one of Argument, Number, Call, Plus, Times, Combined"
    )]
    [InlineData(
        """{ "layer": "Elementwise", "kinds": ["FeatureMap"], "body": 3 }""",
        "$.body: no Scalar; write {\"term\": ...} with one of Argument, Number, Call, Plus, Times, Combined"
    )]
    [InlineData(
        """{ "layer": "EachWord", "body": { "layer": "WordPool", "reduction": "Mean" } }""",
        "$.body: WordPool takes WordMaps and gives FeatureMap; a layer that takes FeatureMap and gives FeatureMap should stand here"
    )]
    [InlineData(
        """{ "layer": "Nonesuch", "inside": [{ "layer": "Conv", "channels": "x", "kernel": 3 }] }""",
        """
            $: there is no layer Nonesuch; layers of your own: load their assembly
            $.inside[0].channels: "x" where a whole number should stand
            """
    )]
    [InlineData(
        """{ "layer": "Sum", "kinds": ["FeatureMap", "FeatureMap"], "addends": [{ "layer": "WordPool", "reduction": "Mean" }] }""",
        """
            $.addends: a sum of 1; give it two terms at least
            $.addends[0]: WordPool takes WordMaps and gives FeatureMap; a layer that takes FeatureMap and gives FeatureMap should stand here
            """
    )]
    [InlineData(
        """
            { "layer": "Sequence", "kinds": ["Image", "Mask"], "steps": [
                { "layer": "Conv", "channels": 3, "kernel": 1 }, { "layer": "Conv", "channels": 3 },
                { "layer": "WordPool", "reduction": "Mean" }, { "layer": "WordPool", "reduction": "Max" } ] }
            """,
        """
            $.steps[1]: Conv lacks kernel; it has no default
            $.steps[0]: Conv takes FeatureMap and gives FeatureMap; by its kinds the sequence takes Image
            $.steps[3]: WordPool takes WordMaps and gives FeatureMap; the step before gives FeatureMap
            $.steps: the sequence ends with FeatureMap; by its kinds it gives Mask
            """
    )]
    [InlineData(
        """{ "layer": "Sequence", "kinds": ["Image", "FeatureMap"], "steps": [] }""",
        "$.steps: the sequence ends with Image; by its kinds it gives FeatureMap"
    )]
    public void What_is_wrong_is_said(string json, string errors) =>
        Assert.Equal(errors.ReplaceLineEndings("\n"), Wrong(json));

    private const string X = """{ "term": "Argument", "steps": [] }""";

    [Theory]
    [InlineData(
        "FeatureMap",
        "FeatureMap",
        """{ "term": "Argument", "steps": [0] }""",
        "$.body.steps[0]: part 0 of FeatureMap; only pairs have parts"
    )]
    [InlineData(
        "(Image, Words)",
        "Words",
        """{ "term": "Argument", "steps": [2] }""",
        "$.body.steps[0]: part 2 of a pair; 0 is the first, 1 the second"
    )]
    [InlineData("FeatureMap", "Words", X, "$.body: the equation gives FeatureMap; by its kinds it gives Words")]
    [InlineData(
        "FeatureMap",
        "FeatureMap",
        $$"""{ "term": "At", "levels": {{X}}, "index": 0 }""",
        """
            $.body.index: index 0 under 0 sums; an index belongs to a sum around it, counted from the outermost, 0
            $.body.levels: FeatureMap where levels should stand; an index names a level of Levels<...>
            """
    )]
    [InlineData(
        "Levels<FeatureMap>",
        "FeatureMap",
        $$"""{ "term": "SumOver", "levels": {{X}}, "index": 3, "body": { "term": "At", "levels": {{X}}, "index": -1 } }""",
        """
            $.body.index: index 3 of a sum under 0 sums; count indices from the outermost: this one is 0
            $.body.body.index: index -1 under 1 sums; an index belongs to a sum around it, counted from the outermost, 0
            """
    )]
    [InlineData(
        "Levels<FeatureMap>",
        "FeatureMap",
        $$"""{ "term": "SumOver", "levels": {{X}}, "except": 0, "index": 0, "body": { "term": "Number", "value": 1 } }""",
        "$.body.except: index 0 under 0 sums; an index belongs to a sum around it, counted from the outermost, 0"
    )]
    [InlineData(
        "(Image, Levels<Image>)",
        "Image",
        $$"""{ "term": "Plus", "left": {{X}}, "right": { "term": "Argument", "steps": [1] } }""",
        "$.body: (Image, Levels<Image>) with Levels<Image>; combine signals of one kind"
    )]
    [InlineData(
        "Words",
        "Sentence",
        $$"""{ "term": "Applied", "label": "", "layer": { "layer": "GlobalPool", "reduction": "Mean" }, "to": {{X}} }""",
        "$.body.to: GlobalPool is given Words; it takes FeatureMap"
    )]
    [InlineData(
        "Levels<FeatureMap>",
        "Levels<FeatureMap>",
        """{ "term": "Number", "value": 1 }""",
        "$.body: the equation gives a number; by its kinds it gives Levels<FeatureMap>"
    )]
    public void What_is_wrong_with_an_equation_is_said(string takes, string gives, string body, string errors) =>
        Assert.Equal(
            errors.ReplaceLineEndings("\n"),
            Wrong($$"""{ "layer": "Equation", "kinds": ["{{takes}}", "{{gives}}"], "body": {{body}} }""")
        );

    [Fact]
    public void A_name_that_several_have_stands_with_its_namespace()
    {
        Assert.Contains("\"layer\": \"Linear\"", Json.Write(Linear<Words>(1)), StringComparison.Ordinal);
        Assert.Contains(
            "\"layer\": \"Cmsa.Dsl.Tests.JsonTests+Linear\"",
            Json.Write(models["taken names"]),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void What_is_nested_too_deep_is_an_error()
    {
        static string Deep(int depth) =>
            string.Concat(
                Enumerable.Repeat("""{"layer":"Frozen","kinds":["FeatureMap","FeatureMap"],"inner":""", depth)
            )
            + """{"layer":"Conv","channels":1,"kernel":1}"""
            + new string('}', depth);
        Assert.True(Json.Read(Deep(Json.MaxDepth - 1)).IsSuccess);
        Assert.Equal(
            "line 1: more than 512 arrays and objects inside one another; name parts of the model, or build it in C#",
            Wrong(Deep(Json.MaxDepth))
        );
        Assert.StartsWith("line 1: more than 512", Wrong(Deep(1_000_000)), StringComparison.Ordinal);
        Assert.StartsWith("line 1: more than 512", Wrong(new string('[', 1_000_000)), StringComparison.Ordinal);
        Assert.Contains(
            "is no kind",
            Wrong($$"""{ "layer": "Identity", "kinds": ["{{new string('(', 300)}}"] }"""),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "a kind of 5000 characters",
            Wrong($$"""{ "layer": "Identity", "kinds": ["{{new string('(', 5000)}}"] }"""),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void What_no_file_can_say_is_refused_when_written() =>
        Assert.Contains(
            "is no kind",
            Assert.Throws<ArgumentException>(() => Json.Write(new Identity<int>())).Message,
            StringComparison.Ordinal
        );

    [Property(MaxTest = 300)]
    public Property A_file_that_is_cut_off_is_an_error_with_its_line() =>
        Prop.ForAll(
            Gen.Choose(0, paper.TrimEnd().Length - 1).ToArbitrary(),
            cut =>
                Wrong(paper[..cut])
                    .StartsWith($"line {paper[..cut].Count(c => c == '\n') + 1}: the file", StringComparison.Ordinal)
        );

    [Property(MaxTest = 400)]
    public Property A_file_with_other_characters_is_an_error_or_a_layer() =>
        Prop.ForAll(Changed.ToArbitrary(), Elaborates);

    private static Gen<string> Changed =>
        from at in Gen.Choose(0, paper.Length - 1)
        from removed in Gen.Choose(0, 2)
        from added in Gen.Elements("\"{}[],:0-19eE.\\nualse \u0007ékT(<".ToCharArray())
        select paper[..at] + added + paper[Math.Min(paper.Length, at + removed)..];

    [Property(MaxTest = 600)]
    public Property A_file_with_other_parts_is_an_error_or_a_layer_that_elaborates() =>
        Prop.ForAll(Rearranged.ToArbitrary(), Elaborates);

    private static readonly JsonNode?[] strangers =
    [
        -1,
        0,
        2147483647,
        1.5,
        "",
        "res5",
        "Image",
        "Levels<Image>",
        "(Words, Image)",
        "Plus",
        true,
        null,
    ];
    private static readonly string[] small =
    [
        .. models.Where(m => m.Key is not ("paper" or "released" or "resnet152")).Select(m => Json.Write(m.Value)),
        paper,
    ];

    private static Gen<string> Rearranged =>
        from json in Gen.Elements(small)
        from donor in Gen.Elements(small)
        from place in Gen.Choose(0, int.MaxValue - 1)
        from part in Gen.Choose(0, int.MaxValue - 1)
        from strange in Gen.Choose(0, 3)
        select Rearrange(
            JsonNode.Parse(json)!,
            strange == 0 ? strangers : [.. Below(JsonNode.Parse(donor)!)],
            place,
            part
        );

    private static string Rearrange(JsonNode root, JsonNode?[] parts, int place, int part)
    {
        var places = Below(root).ToArray();
        var (target, with) = (places[place % places.Length], parts[part % parts.Length]?.DeepClone());
        if (target.Parent is JsonArray list)
            list[target.GetElementIndex()] = with;
        else
            target.Parent![target.GetPropertyName()] = with;
        return root.ToJsonString();
    }

    [Fact]
    public void Every_layer_elaborates_at_every_kind()
    {
        string[] kinds =
        [
            "Image",
            "FeatureMap",
            "Mask",
            "Tokens",
            "Words",
            "WordMaps",
            "Sentence",
            "Vector",
            "(Image, Words)",
            "Levels<FeatureMap>",
        ];
        string[] layers =
        [
            "\"Identity\"",
            "\"Linear\", \"channels\": 3",
            "\"Lstm\", \"hidden\": 3",
            "\"Normalise\"",
            "\"Join\"",
            "\"Dropout\", \"probability\": 0.5",
            "\"Gain\"",
            "\"Pick\", \"level\": \"res5\"",
            "\"Probe\", \"label\": \"p\"",
        ];
        var read = layers
            .SelectMany(layer => kinds.Select(kind => $$"""{ "layer": {{layer}}, "kinds": ["{{kind}}"] }"""))
            .ToArray();
        Assert.All(read, json => Assert.True(Elaborates(json)));
        Assert.Equal(82, read.Count(json => Json.Read(json).IsSuccess));
    }

    private static IEnumerable<JsonNode> Below(JsonNode node) =>
        (
            node switch
            {
                JsonObject record => record.Select(p => p.Value),
                JsonArray list => list,
                _ => [],
            }
        )
            .OfType<JsonNode>()
            .SelectMany(below => Below(below).Prepend(below));

    /// <summary>Reads, and elaborates what was read; only an exception is false.</summary>
    private static bool Elaborates(string json) =>
        Json.Read(json)
            .Match(
                Succ: layer =>
                    layer
                        .At(ExtentOf(layer.In))
                        .Match(Succ: graph => graph.Nodes.Count >= 0, Fail: errors => !errors.IsEmpty),
                Fail: errors => !errors.IsEmpty && errors.ForAll(e => $"{e}".Length > 0)
            );

    private static InputSpec ExtentOf(Kind kind) =>
        kind switch
        {
            Kind.Pair(var first, var second) => ExtentOf(first) & ExtentOf(second),
            Kind.Levels(var each) => InputSpec.Levels([
                .. new[] { "res3", "res4", "res5" }.Select(name => (name, ExtentOf(each))),
            ]),
            Kind.Tensor(var name, var axes) => new InputSpec.Tensor(
                name,
                new Shape(
                    axes.Map(a => new Dimension(
                        a,
                        a == Axis.Channel
                            ? name == "Image"
                                ? 3
                                : 4
                            : a == Axis.Word
                                ? 3
                                : 16
                    ))
                )
            ),
            _ => throw new InvalidOperationException(),
        };
}
