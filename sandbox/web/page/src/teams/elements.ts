/** What the cards may hold: the library's own elements, its table, and Teams' charts, which it does not know. */

import { CardElement, SerializationContext } from "adaptivecards/lib/card-elements";
import type { Action } from "adaptivecards/lib/card-elements";
import { CardObjectRegistry, GlobalRegistry } from "adaptivecards/lib/registry";
import type { PropertyBag } from "adaptivecards/lib/serialization";
import { Table } from "adaptivecards/lib/table";
import type { Json } from "../api/types";
import { draw } from "./chart";
import type { Point, Series } from "./chart";

abstract class Chart extends CardElement {
  private shown: Json = {};

  protected override internalParse(source: PropertyBag, context: SerializationContext): void {
    super.internalParse(source, context);
    this.shown = source;
  }

  protected abstract series(shown: Json): Series[];

  protected override internalRender(): HTMLElement {
    const said = (name: string) => String(this.shown[name] ?? "");
    return draw({
      kind: this.getJsonTypeName() === "Chart.Line" ? "line" : "bar",
      title: said("title"),
      xTitle: said("xAxisTitle"),
      yTitle: said("yAxisTitle"),
      series: this.series(this.shown),
    });
  }
}

class GroupedBars extends Chart {
  override getJsonTypeName(): string {
    return "Chart.VerticalBar.Grouped";
  }

  protected override series(shown: Json): Series[] {
    return (shown.data ?? []) as Series[];
  }
}

class Lines extends GroupedBars {
  override getJsonTypeName(): string {
    return "Chart.Line";
  }
}

class Bars extends Chart {
  override getJsonTypeName(): string {
    return "Chart.VerticalBar";
  }

  protected override series(shown: Json): Series[] {
    return [{ legend: String(shown.yAxisTitle ?? ""), values: (shown.data ?? []) as Point[] }];
  }
}

export function cardContext(): SerializationContext {
  const elements = new CardObjectRegistry<CardElement>();
  GlobalRegistry.populateWithDefaultElements(elements);
  elements.register("Table", Table);
  elements.register("Chart.VerticalBar", Bars);
  elements.register("Chart.VerticalBar.Grouped", GroupedBars);
  elements.register("Chart.Line", Lines);
  const actions = new CardObjectRegistry<Action>();
  GlobalRegistry.populateWithDefaultActions(actions);
  const context = new SerializationContext();
  context.setElementRegistry(elements);
  context.setActionRegistry(actions);
  return context;
}
