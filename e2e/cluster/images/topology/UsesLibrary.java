package com.mycompany;

import org.apache.storm.Config;
import org.apache.storm.StormSubmitter;
import org.apache.storm.topology.BasicOutputCollector;
import org.apache.storm.topology.OutputFieldsDeclarer;
import org.apache.storm.topology.TopologyBuilder;
import org.apache.storm.topology.base.BaseBasicBolt;
import org.apache.storm.tuple.Fields;
import org.apache.storm.tuple.Tuple;
import org.apache.storm.tuple.Values;

/** Needs Library in main and in the workers. */
public class UsesLibrary {
    /** Emits each word in capitals. */
    public static class Shout extends BaseBasicBolt {
        @Override
        public void execute(Tuple tuple, BasicOutputCollector collector) {
            collector.emit(new Values(Library.shout(tuple.getString(0))));
        }

        @Override
        public void declareOutputFields(OutputFieldsDeclarer declarer) {
            declarer.declare(new Fields("loud"));
        }
    }

    public static void main(String[] args) throws Exception {
        System.out.println("main says " + Library.shout("hello"));
        TopologyBuilder builder = MyTopology.idle();
        builder.setBolt("shout", new Shout(), 1).shuffleGrouping("idle");
        StormSubmitter.submitTopology(args[0], new Config(), builder.createTopology());
    }
}
