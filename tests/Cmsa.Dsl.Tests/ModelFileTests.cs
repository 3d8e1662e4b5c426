using Cmsa.Models.Catalogues;

namespace Cmsa.Dsl.Tests;

/// <summary>A model and its sizes as one file.</summary>
[Trait("Speed", "Slow")]
public class ModelFileTests
{
    public static TheoryData<string> Named => [.. (Catalogue.All + Catalogue.Rows).Map(entry => entry.Name)];

    [Theory, MemberData(nameof(Named))]
    public void What_is_written_is_read_back(string name)
    {
        var entry = CostTests.Model(name);
        var text = ModelFile.Write(entry.Layer, entry.Inputs);
        var read = ModelFile.Read(text).Fits();
        Assert.Equal(entry.Layer, read.Model);
        Assert.Equal(entry.Inputs, read.Inputs);
        Assert.Equal(text, ModelFile.Write(read.Model, entry.Inputs));
        // Whoever wants the layer alone may read either version.
        Assert.Equal(entry.Layer, Json.Read(text).Fits());
    }

    [Fact]
    public void Levels_and_pairs_have_sizes_too()
    {
        var each = EachLevel(Conv(4, 1).Named("conv"));
        var inputs = InputSpec.Levels(
            ("fine", InputSpec.FeatureMap(2, 8, 8)),
            ("coarse", InputSpec.FeatureMap(3, 4, 4))
        );
        Assert.Equal(inputs, ModelFile.Read(ModelFile.Write(each, inputs)).Fits().Inputs);
    }

    [Fact]
    public void A_file_of_the_first_version_has_no_sizes()
    {
        var read = ModelFile.Read(Json.Write(Conv(4, 3))).Fits();
        Assert.True(read.Inputs.IsNone);
        Assert.Equal(Conv(4, 3), read.Model);
    }

    [Fact]
    public void Sizes_of_another_kind_are_refused_when_they_are_written() =>
        Assert.Throws<ArgumentException>(() => ModelFile.Write(Conv(4, 3), InputSpec.Tokens(3) & InputSpec.Tokens(2)));
}
