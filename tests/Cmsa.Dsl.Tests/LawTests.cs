using Cmsa.Dsl.Layers;
using Cmsa.Dsl.Testing;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace Cmsa.Dsl.Tests;

/// <summary>The laws on random layers: what must be true of every composition.</summary>
[Properties(Arbitrary = [typeof(RandomLayers)], MaxTest = 60, QuietOnSuccess = true)]
[Trait("Speed", "Slow")]
public class LawTests
{
    [Property]
    public Property Maps_are_values(Example<FeatureMap, FeatureMap> e) =>
        e.Obeys(Laws.IsAValue) & e.Obeys(Laws.ShowsItself);

    [Property]
    public Property Words_are_values(Example<Words, Words> e) => e.Obeys(Laws.IsAValue) & e.Obeys(Laws.ShowsItself);

    [Property]
    public Property Multimodals_are_values(Example<(FeatureMap, Words), FeatureMap> e) =>
        e.Obeys(Laws.IsAValue) & e.Obeys(Laws.ShowsItself);

    [Property]
    public Property Fusions_are_values(Example<Levels<FeatureMap>, FeatureMap> e) =>
        e.Obeys(Laws.IsAValue) & e.Obeys(Laws.ShowsItself);

    [Property]
    public Property A_part_of_maps_replaced_by_itself(Example<FeatureMap, FeatureMap> e) =>
        e.Obeys(Laws.ReplacingByTheSameChangesNothing);

    [Property]
    public Property A_part_of_a_fusion_replaced_by_itself(Example<Levels<FeatureMap>, FeatureMap> e) =>
        e.Obeys(Laws.ReplacingByTheSameChangesNothing);

    [Property]
    public Property Shapes_of_maps_are_inferred(Example<FeatureMap, FeatureMap> e) => e.Obeys(Laws.ShapeIsInferred);

    [Property]
    public Property Shapes_of_words_are_inferred(Example<Words, Words> e) => e.Obeys(Laws.ShapeIsInferred);

    [Property]
    public Property Shapes_of_multimodals_are_inferred(Example<(FeatureMap, Words), FeatureMap> e) =>
        e.Obeys(Laws.ShapeIsInferred);

    [Property]
    public Property Shapes_of_fusions_are_inferred(Example<Levels<FeatureMap>, FeatureMap> e) =>
        e.Obeys(Laws.ShapeIsInferred);

    [Property]
    public Property Parameters_of_maps_are_counted(Example<FeatureMap, FeatureMap> e) =>
        e.Obeys(Laws.ParametersAreCounted);

    [Property]
    public Property Parameters_of_multimodals_are_counted(Example<(FeatureMap, Words), FeatureMap> e) =>
        e.Obeys(Laws.ParametersAreCounted);

    [Property]
    public Property Parameters_of_fusions_are_counted(Example<Levels<FeatureMap>, FeatureMap> e) =>
        e.Obeys(Laws.ParametersAreCounted);

    [Property]
    public Property Batches_of_maps_are_their_samples(Example<FeatureMap, FeatureMap> e) =>
        e.Obeys(Laws.BatchIsItsSamples);

    [Property]
    public Property Batches_of_words_are_their_samples(Example<Words, Words> e) => e.Obeys(Laws.BatchIsItsSamples);

    [Property]
    public Property Batches_of_multimodals_are_their_samples(Example<(FeatureMap, Words), FeatureMap> e) =>
        e.Obeys(Laws.BatchIsItsSamples);

    [Property]
    public Property Batches_of_fusions_are_their_samples(Example<Levels<FeatureMap>, FeatureMap> e) =>
        e.Obeys(Laws.BatchIsItsSamples);

    [Property]
    public Property Padding_changes_no_words(Example<Words, Words> e) => e.Obeys(Laws.PaddingChangesNothing);

    [Property(MaxTest = 100)]
    public Property Padding_changes_no_multimodal(Example<(FeatureMap, Words), FeatureMap> e) =>
        e.Obeys(Laws.PaddingChangesNothing);

    [Property]
    public Property Order_of_words_changes_nothing_after_pooling(Example<(FeatureMap, Words), FeatureMap> e) =>
        Prop.When(!e.ReadsWordOrder, () => e.Obeys(Laws.WordOrderDoesNotMatter).ToProperty());

    [Property]
    public Property Optimised_maps_are_as_written(Example<FeatureMap, FeatureMap> e) =>
        e.Obeys(Laws.OptimisedIsAsWritten);

    [Property]
    public Property Optimised_words_are_as_written(Example<Words, Words> e) => e.Obeys(Laws.OptimisedIsAsWritten);

    [Property(MaxTest = 150)]
    public Property Optimised_multimodals_are_as_written(Example<(FeatureMap, Words), FeatureMap> e) =>
        e.Obeys(Laws.OptimisedIsAsWritten);

    // A number beside a map has no channels to be mapped.
    [Fact]
    public void A_number_added_between_two_maps_stays_a_number() =>
        Laws.OptimisedIsAsWritten(
                Multimodal
                    >> EachWord(Conv(4, 1) >> (x => x + -0.5))
                    >> SelfAttention(2, AttentionScope.Pixels)
                    >> new WordPool(Cmsa.Dsl.Graphs.Reduction.Sum),
                InputSpec.FeatureMap(1, 1, 2) & InputSpec.Words(3, 1)
            )
            .Check();

    [Property]
    public Property Optimised_fusions_are_as_written(Example<Levels<FeatureMap>, FeatureMap> e) =>
        e.Obeys(Laws.OptimisedIsAsWritten);

    [Property(MaxTest = 100)]
    public Property Attention_is_a_distribution(Example<(FeatureMap, Words), FeatureMap> e) =>
        Prop.When(
            e.Layer.Everything.Exists(p =>
                p.Layer
                    is SelfAttention { Over: not AttentionScope.None }
                        or PooledAttention { Over: not AttentionScope.None }
            ),
            () => Laws.AttentionRowsSumToOne(e.Layer, e.Extent, e.Seed).ToProperty()
        );

    [Property(MaxTest = 100)]
    public Property Bound_multimodals_are_unbound(Example<(FeatureMap, Words), FeatureMap> e) =>
        e.Obeys(Laws.BoundIsUnbound);

    [Property(MaxTest = 40)]
    public Property Bound_words_are_unbound(Example<Words, Words> e) => e.Obeys(Laws.BoundIsUnbound);

    [Property(MaxTest = 40)]
    public Property Bound_fusions_are_unbound(Example<Levels<FeatureMap>, FeatureMap> e) =>
        e.Obeys(Laws.BoundIsUnbound);

    [Property(MaxTest = 20)]
    public Property Start_values_come_from_the_seed(Example<FeatureMap, FeatureMap> e) =>
        e.Obeys(Laws.StartsFromItsSeed);

    [Property(MaxTest = 30)]
    public Property Maps_leak_nothing(Example<FeatureMap, FeatureMap> e) => e.Obeys(Laws.LeaksNothing);

    [Property(MaxTest = 30)]
    public Property Words_leak_nothing(Example<Words, Words> e) => e.Obeys(Laws.LeaksNothing);

    [Property(MaxTest = 30)]
    public Property Multimodals_leak_nothing(Example<(FeatureMap, Words), FeatureMap> e) => e.Obeys(Laws.LeaksNothing);

    [Property(MaxTest = 20)]
    public Property Fusions_leak_nothing(Example<Levels<FeatureMap>, FeatureMap> e) => e.Obeys(Laws.LeaksNothing);
}
